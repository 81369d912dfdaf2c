# Shared by the scripts in this folder: the program, a place for data, figures out of JSON lines. Sourced, not run.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=${TIDEMARK_BENCH_DIR:-$(mktemp -d /var/tmp/tidemark-bench.XXXXXX)}
mkdir -p "$work"
tidemark=${TIDEMARK_EXE:-$root/artifacts/cli/tidemark}
loops=()
mounts=()

cleanup() {
    local m l
    for m in ${mounts[@]+"${mounts[@]}"}; do umount "$m" 2>/dev/null || true; done
    for l in ${loops[@]+"${loops[@]}"}; do losetup -d "$l" 2>/dev/null || true; done
    [[ -n ${TIDEMARK_BENCH_DIR:-} ]] || rm -rf "$work"
}
trap cleanup EXIT

die() { echo "$0: $*" >&2; exit 1; }

need() {
    local missing=() pair
    for pair in "$@"; do command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}"); done
    ((${#missing[@]} == 0)) && return
    [[ $(id -u) == 0 ]] || die "not installed: ${missing[*]}"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

build() {
    [[ -n ${TIDEMARK_EXE:-} ]] || dotnet publish "$root/engine/cli" -c Release -r linux-x64 -o "$root/artifacts/cli" -v q -nologo
    [[ -x $tidemark ]] || die "no program at $tidemark"
}

# figure NAME FILE: a number of the result line.
figure() { sed -n '/"event":"result"/s/.*"'"$1"'":\([0-9.eE+-]*\).*/\1/p' "$2" | tail -n 1; }

# text NAME FILE: a text of the result line.
text() { sed -n '/"event":"result"/s/.*"'"$1"'":"\([^"]*\)".*/\1/p' "$2" | tail -n 1; }

calc() { awk "BEGIN { printf \"$1\", $2 }"; }

# run LOG ARGUMENTS...: tidemark with --json; peak memory in KiB goes into LOG.rss.
run() {
    local log=$1
    shift
    /usr/bin/time -f %M -o "$log.rss" "$tidemark" "$@" --json >"$log" || die "tidemark $* failed: $(tail -n 1 "$log")"
}

peak() { tail -n 1 "$1.rss"; }

attach() { losetup --find --show --direct-io=on "$1"; }

machine() {
    echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) processors," \
        "$(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), Linux $(uname -r | cut -d- -f1), $(date -u +%F)"
}

# fill FOLDER BYTES: copies real files of this machine there, about so many bytes of them.
fill() {
    find /usr/share /usr/lib /usr/bin /usr/local /opt -xdev -type f -size -64M -printf '%s %p\n' 2>/dev/null |
        awk -v most="$2" 'sum < most { sum += $1 + 2048; sub(/^[0-9]+ /, ""); print }' >files.list
    tar --create --file=- --files-from=files.list --no-recursion 2>/dev/null | tar --extract --file=- --directory="$1" --no-same-owner 2>tar.log || true
    # Files that vanished or changed meanwhile are no loss; an empty volume would be.
    [[ $(df --output=used "$1" | tail -n 1) -gt $(($2 / 2048)) ]] || die "could not fill the volume: $(tail -n 2 tar.log)"
}
