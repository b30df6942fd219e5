"""An invented year of purchases, to see and to measure a département that has lived; never on real data."""
