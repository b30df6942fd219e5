# Shared by start and check: system packages, then the Python environment. POSIX sh, sourced.

# need_packages NAME...: install with apt only the packages that are missing.
need_packages() {
    missing=""
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
    done
    # A Python of one's own (3.11 or later, with venv) does as well as Debian's.
    if command -v python3 >/dev/null 2>&1 && python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        missing=$(printf '%s\n' "$missing" | sed -E 's/ python3(-venv)?( |$)/ /g; s/ python3(-venv)?( |$)/ /g')
    fi
    missing=$(echo $missing)
    [ -z "$missing" ] && return 0
    if [ "$(id -u)" = 0 ]; then
        as_root=""
    elif command -v sudo >/dev/null 2>&1; then
        as_root="sudo"
    else
        echo "Il manque des paquets du système. Demandez à l'administrateur de la machine :" >&2
        echo "    apt-get install $missing" >&2
        exit 1
    fi
    echo "Installation de ce qui manque : $missing"
    $as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# need_compiled: the search compiled ahead, so that no cook waits for it; a second when it already is.
need_compiled() {
    .venv/bin/python -m optim.anneal
}

# need_environment FILE: .venv with exactly the packages of FILE, checked by their hashes.
need_environment() {
    stamp=$(cat "$1" pyproject.toml | sha256sum | cut -d' ' -f1)
    marker=".venv/.ready-$1"
    [ -f "$marker" ] && [ "$(cat "$marker")" = "$stamp" ] && return 0
    echo "Préparation de l'environnement Python (une minute la première fois)…"
    [ -x .venv/bin/python ] || python3 -m venv .venv
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$1"
    .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
    echo "$stamp" >"$marker"
}

# need_validata: the State's independent checker of files, in an environment of its own (it asks for an older
# frictionless than ours).
need_validata() {
    stamp=$(sha256sum <requirements-validata.txt | cut -d' ' -f1)
    marker=".venv-validata/.ready"
    [ -f "$marker" ] && [ "$(cat "$marker")" = "$stamp" ] && return 0
    [ -x .venv-validata/bin/python ] || python3 -m venv .venv-validata
    .venv-validata/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-validata.txt
    echo "$stamp" >"$marker"
}
