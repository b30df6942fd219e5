"""Sending: orders as e-mail with their paper, over SMTP, from a list that survives everything.

The only room that speaks to a mail server. What is to be sent is a row of ``orders.OutMessage``, written
with the act that wants it; the consumer of long work sends it afterwards.
"""
