use super::{Kind, Transport, find};

#[test]
fn texts_of_libvirt_have_ways_out() {
    for (transport, text, kind, word) in [
        (
            Transport::Tls,
            "Certificate [session] owner does not match the hostname 127.0.0.1",
            Kind::AuthFailed,
            "subject alternative names",
        ),
        (
            Transport::Tls,
            "authentication failed: Failed to verify peer's certificate",
            Kind::AuthFailed,
            "subject alternative names",
        ),
        (
            Transport::Tls,
            "Unable to read TLS confirmation: Input/output error",
            Kind::AuthFailed,
            "clientcert.pem",
        ),
        (
            Transport::Tls,
            "Cannot read CA certificate '/etc/pki/CA/cacert.pem': No such file or directory",
            Kind::AuthFailed,
            "pkipath",
        ),
        (
            Transport::Local,
            "Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied",
            Kind::PermissionDenied,
            "group libvirt",
        ),
        (
            Transport::Unix,
            "Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory",
            Kind::ConnectionFailed,
            "libvirtd",
        ),
        (
            Transport::Ssh,
            "Cannot recv data: Host key verification failed.: Connection reset by peer",
            Kind::AuthFailed,
            "known_hosts",
        ),
        (
            Transport::Ssh,
            "Cannot recv data: root@kvm1: Permission denied (publickey).: Connection reset by peer",
            Kind::AuthFailed,
            "authorized_keys",
        ),
        (
            Transport::Tcp,
            "authentication failed: authentication failed",
            Kind::AuthFailed,
            "password",
        ),
    ] {
        let hint = find(transport, text).unwrap_or_else(|| panic!("no hint for {text}"));
        assert_eq!(hint.kind, kind, "{text}");
        assert!(hint.way_out.contains(word), "{text}: {}", hint.way_out);
    }
    assert!(find(Transport::Tls, "something else").is_none());
}
