//! Ways out of the common reasons for which a connection does not open.

use super::super::Transport;
use crate::Kind;

/// What a known text of libvirt, `GnuTLS` or ssh means for someone who wants to connect.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hint {
    pub(super) kind: Kind,
    pub(super) way_out: &'static str,
}

/// The hint for an error's text, if it is a known one.
pub(super) fn find(transport: Transport, text: &str) -> Option<Hint> {
    let table = match transport {
        Transport::Local | Transport::Unix => LOCAL,
        Transport::Tcp => TCP,
        Transport::Tls => TLS,
        Transport::Ssh => SSH,
    };
    let words = text.to_ascii_lowercase();
    table
        .iter()
        .chain(ANY)
        .find(|(needles, ..)| needles.iter().all(|needle| words.contains(needle)))
        .map(|&(_, kind, way_out)| Hint { kind, way_out })
}

/// Words that must all be there, in lower case; what they mean; what to do.
type Row = (&'static [&'static str], Kind, &'static str);

const LOCAL: &[Row] = &[
    (
        &["failed to connect socket", "permission denied"],
        Kind::PermissionDenied,
        "Put the user that runs va-driver into the group libvirt",
    ),
    (
        &["failed to connect socket"],
        Kind::ConnectionFailed,
        "Install and start libvirtd (Debian and Ubuntu: apt install libvirt-daemon-system)",
    ),
    (
        &["polkit"],
        Kind::PermissionDenied,
        "Put the user that runs va-driver into the group libvirt",
    ),
];

const HUNG_UP: &str =
    "The daemon hung up: it may speak TLS on this port, or be at its limit of clients";

const TCP: &[Row] = &[
    (
        &["end of file while reading data"],
        Kind::ConnectionFailed,
        HUNG_UP,
    ),
    (
        &["connection reset by peer"],
        Kind::ConnectionFailed,
        HUNG_UP,
    ),
];

const TLS: &[Row] = &[
    (
        &["does not match the hostname"],
        Kind::AuthFailed,
        "The server's certificate was made for other names: use one of them as host_ip, or issue it \
         again with this one among its subject alternative names",
    ),
    (
        &["unable to read tls confirmation"],
        Kind::AuthFailed,
        "The host refused our certificate: clientcert.pem and clientkey.pem must be in pkipath, \
         signed by a CA that the host trusts, for a name it allows",
    ),
    (
        &["certificate", "no such file or directory"],
        Kind::AuthFailed,
        "pkipath must hold cacert.pem, clientcert.pem and clientkey.pem; without pkipath libvirt \
         looks in /etc/pki/CA and /etc/pki/libvirt",
    ),
    (
        &["certificate", "does not exist"],
        Kind::AuthFailed,
        "pkipath must hold cacert.pem, clientcert.pem and clientkey.pem; without pkipath libvirt \
         looks in /etc/pki/CA and /etc/pki/libvirt",
    ),
    (
        &["certificate", "permission denied"],
        Kind::PermissionDenied,
        "The user that runs va-driver must be able to read the files in pkipath",
    ),
    (
        &["certificate", "issuer"],
        Kind::AuthFailed,
        "The host's certificate is not signed by the CA in cacert.pem, or clientcert.pem is of another CA",
    ),
    (
        &["certificate", "not trusted"],
        Kind::AuthFailed,
        "The host's certificate is not signed by the CA in cacert.pem",
    ),
    (
        &["certificate", "expired"],
        Kind::AuthFailed,
        "Issue the certificate again, and check the clocks of both machines",
    ),
    (
        &["certificate", "not yet active"],
        Kind::AuthFailed,
        "Check the clocks of both machines",
    ),
    (
        &["basic constraints show a ca"],
        Kind::AuthFailed,
        "clientcert.pem must be a client's certificate, not a CA's",
    ),
    (
        // libvirt keeps the reason to itself
        &["failed to verify peer's certificate"],
        Kind::AuthFailed,
        "The host's certificate has expired, is of another CA than the one in cacert.pem, or does not \
         have the name in host_ip among its subject alternative names",
    ),
    (
        &["certificate"],
        Kind::AuthFailed,
        "Check the certificates in pkipath and those of the host",
    ),
    (
        &["tls handshake failed"],
        Kind::AuthFailed,
        "Check that the port speaks TLS and that the host trusts the CA of clientcert.pem",
    ),
];

const SSH: &[Row] = &[
    (
        &["host key verification failed"],
        Kind::AuthFailed,
        "The host's key is not in known_hosts, or has changed: connect once with ssh as the user that \
         runs va-driver and check the fingerprint",
    ),
    (
        &["permission denied ("],
        Kind::AuthFailed,
        "ssh takes keys only, not username's password: put this user's public key into the host's \
         authorized_keys, and give the right username",
    ),
    (
        &["could not resolve hostname"],
        Kind::ConnectionFailed,
        "Check host_ip's spelling and this machine's DNS",
    ),
    (
        &["connection refused"],
        Kind::ConnectionFailed,
        "Check that sshd runs there and the port is right",
    ),
    (
        &["timed out"],
        Kind::ConnectionFailed,
        "Check that the host is up and no firewall stands between",
    ),
    (
        &["cannot find 'ssh' in path"],
        Kind::Unsupported,
        "Install the ssh client (Debian and Ubuntu: apt install openssh-client)",
    ),
    (
        &["libvirt-sock"],
        Kind::ConnectionFailed,
        "ssh works, but not the daemon behind it: start libvirtd there and put the login user into \
         the group libvirt",
    ),
    (
        &["end of file while reading data"],
        Kind::ConnectionFailed,
        "ssh or the daemon behind it hung up: check that libvirtd runs there",
    ),
];

const ANY: &[Row] = &[
    (
        &["missing authentication credentials"],
        Kind::AuthFailed,
        "The host asks for a name and a password: give username and password",
    ),
    (
        &["failed to collect auth credentials"],
        Kind::AuthFailed,
        "The host asks for a name and a password (SASL): give username and password",
    ),
    (
        &["no worthy mechs"],
        Kind::AuthFailed,
        "No common SASL mechanism: install libsasl2-modules, and give username and password",
    ),
    (
        &["sasl", "no mechanism"],
        Kind::AuthFailed,
        "No common SASL mechanism: install libsasl2-modules, and give username and password",
    ),
    (
        &["authentication failed"],
        Kind::AuthFailed,
        "Check username and password",
    ),
];

#[cfg(test)]
mod tests;
