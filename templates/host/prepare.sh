# Makes this machine a host of va-driver's: libvirt with QEMU, a pool, a network, certificates where there are any
# below. What is there already stays as it is; so a second time changes nothing.
set -eu
exec >&2

say() { printf '  %s\n' "$*"; }
die() {
    printf 'error: %s\n' "$*"
    exit 1
}
has() { command -v "$1" > /dev/null 2>&1; }

case $uri in
    */session*) root='' ;;
    *) if [ "$(id -u)" -eq 0 ]; then root=''; else root='sudo -n'; fi ;;
esac
if [ -n "$root" ] && ! $root true 2> /dev/null; then
    die "this needs root: log in as root, or as a user whom sudo lets without a password"
fi
on_host() { LC_ALL=C $root virsh -q -c "$uri" "$@"; }

# --- programs
case $(uname -m) in
    aarch64) emulator=qemu-system-aarch64 debian=qemu-system-arm ;;
    *) emulator=qemu-system-x86_64 debian=qemu-system-x86 ;;
esac
if has virsh && { has libvirtd || has virtqemud || [ -x /usr/sbin/libvirtd ] || [ -x /usr/sbin/virtqemud ]; } &&
    { has "$emulator" || [ -x /usr/libexec/qemu-kvm ]; }; then
    say "libvirt and QEMU are here"
elif [ "$uri" = qemu:///session ]; then
    die "libvirt or QEMU is not installed; on Debian and Ubuntu an administrator gets them by:
  apt-get install libvirt-daemon libvirt-clients $debian qemu-utils"
elif has apt-get; then
    say "installing libvirt and QEMU"
    $root apt-get -qq update
    $root env DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends \
        libvirt-daemon-system libvirt-clients "$debian" qemu-utils ovmf dnsmasq-base iptables > /dev/null
elif has dnf; then
    say "installing libvirt and QEMU"
    $root dnf -q -y install libvirt-daemon-kvm libvirt-client qemu-img
else
    die "neither apt-get nor dnf is here: install libvirt's daemon, its client virsh, and QEMU, and try again"
fi

# --- the daemon
if ! on_host version > /dev/null 2>&1; then
    if [ -d /run/systemd/system ]; then
        say "starting libvirt"
        if [ -e /lib/systemd/system/libvirtd.socket ]; then
            $root systemctl enable -q --now libvirtd.socket
        else
            for part in qemu storage network; do
                $root systemctl enable -q --now "virt${part}d.socket"
            done
        fi
    else
        $root virtlogd -d || say "virtlogd does not start by itself"
        $root libvirtd -d
    fi
fi
tries=0
until on_host version > /dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 20 ] || die "libvirt does not answer: $(on_host version 2>&1)"
    sleep 0.5
done
case " $(id -nG) " in
    *" libvirt "*) ;;
    *)
        if [ -n "$root" ] && getent group libvirt > /dev/null; then
            say "taking $(id -un) into the group libvirt; that counts from the next login on"
            $root usermod -aG libvirt "$(id -un)"
        fi
        ;;
esac

# --- a pool
if on_host pool-info "$pool" > /dev/null 2>&1; then
    say "the pool $pool is here"
else
    say "making the pool $pool in $pool_path"
    [ -d "$pool_path" ] || $root mkdir -p "$pool_path"
    on_host pool-define-as "$pool" dir --target "$pool_path" > /dev/null
    on_host pool-autostart "$pool" > /dev/null
fi
on_host pool-info "$pool" | grep -q '^State: *running' || on_host pool-start "$pool" > /dev/null

# --- a network; a plain user's daemon has none
case $uri in
    */session*) ;;
    *)
        if on_host net-info "$network" > /dev/null 2>&1; then
            say "the network $network is here"
        else
            # the first of libvirt's usual nets that nothing here is in
            third=122
            while ip -4 -o addr 2> /dev/null | grep -q " 192\.168\.$third\." ||
                ip -4 route 2> /dev/null | grep -q "^192\.168\.$third\."; do
                third=$((third + 1))
                [ "$third" -lt 255 ] || die "no net of 192.168.122.0/24 and on is free for $network: make one by hand"
            done
            say "making the network $network, 192.168.$third.0/24 behind this host's address"
            xml=$(mktemp)
            cat > "$xml" << XML
<network>
  <name>$network</name>
  <forward mode='nat'/>
  <ip address='192.168.$third.1' netmask='255.255.255.0'>
    <dhcp><range start='192.168.$third.2' end='192.168.$third.254'/></dhcp>
  </ip>
</network>
XML
            on_host net-define "$xml" > /dev/null
            rm -f "$xml"
            on_host net-autostart "$network" > /dev/null
        fi
        on_host net-info "$network" | grep -q '^Active: *yes' || on_host net-start "$network" > /dev/null
        ;;
esac

# --- certificates: each comes on standard input
placed=''
put() {
    if $root test -e "$1"; then
        if $root cmp -s - "$1"; then say "$1 is here"; else say "$1 is here, is another, and stays"; fi
    else
        say "writing $1"
        $root install -D -m "$2" /dev/stdin "$1"
        placed=yes
    fi
}
listen() {
    [ -n "$placed" ] || return 0
    if [ -d /run/systemd/system ]; then
        say "opening libvirt's port for TLS, 16514"
        if [ -e /lib/systemd/system/libvirtd-tls.socket ]; then
            # a socket does not start beside a daemon that runs; guests go on
            $root systemctl stop libvirtd.service
            $root systemctl enable -q --now libvirtd-tls.socket libvirtd.socket
        else
            $root systemctl stop virtproxyd.service
            $root systemctl enable -q --now virtproxyd-tls.socket
        fi
    else
        say "without systemd libvirtd has to be started with --listen"
    fi
}

if [ ! -e /dev/kvm ]; then
    say "there is no /dev/kvm: guests are emulated, which is slow"
fi
