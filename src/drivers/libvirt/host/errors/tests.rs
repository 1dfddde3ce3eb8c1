use super::{ErrorDomain, ErrorNumber as N, Kind, classify, from_virt};

fn kind(code: N, text: &str) -> Kind {
    classify(Some(code), Some(ErrorDomain::Qemu), text)
}

#[test]
fn codes_decide_where_they_are_precise() {
    for (code, expected) in [
        (N::NoDomain, Kind::NotFound),
        (N::NoStorageVolume, Kind::NotFound),
        (N::StorageVolExist, Kind::AlreadyExists),
        (N::AuthCancelled, Kind::AuthFailed),
        (N::AccessDenied, Kind::PermissionDenied),
        (N::OperationTimeout, Kind::Timeout),
        (N::OperationInvalid, Kind::Conflict),
        (N::ConfigUnsupported, Kind::Unsupported),
        (N::XmlError, Kind::Internal),
        (N::InvalidArg, Kind::Internal),
    ] {
        assert_eq!(kind(code, "some words"), expected, "{code:?}");
    }
    assert_eq!(
        classify(None, None, "a code from the future"),
        Kind::Internal
    );
}

#[test]
fn words_decide_where_codes_do_not() {
    for (code, text, expected) in [
        (
            N::InternalError,
            "internal error: client socket is closed",
            Kind::ConnectionFailed,
        ),
        (
            N::InternalError,
            "internal error: connection closed due to keepalive timeout",
            Kind::ConnectionFailed,
        ),
        (
            N::SystemError,
            "Cannot recv data: Connection reset by peer",
            Kind::ConnectionFailed,
        ),
        (
            N::SystemError,
            "cannot extend file '/p/v': No space left on device",
            Kind::QuotaExceeded,
        ),
        (
            N::OperationFailed,
            "operation failed: Not enough free space in pool for volume 'v'",
            Kind::QuotaExceeded,
        ),
        (
            N::InternalError,
            "internal error: cannot set up guest memory: Cannot allocate memory",
            Kind::QuotaExceeded,
        ),
        (
            N::OperationFailed,
            "operation failed: domain 'web1' already exists with uuid 1",
            Kind::AlreadyExists,
        ),
        (
            N::OperationInvalid,
            "pool 'p' is already active",
            Kind::Conflict,
        ),
        (
            N::SystemError,
            "cannot open file '/p/v': Permission denied",
            Kind::PermissionDenied,
        ),
        (
            N::SystemError,
            "cannot stat file '/p/v': No such file or directory",
            Kind::NotFound,
        ),
        (
            N::OperationFailed,
            "operation failed: something else",
            Kind::Internal,
        ),
    ] {
        assert_eq!(kind(code, text), expected, "{text}");
    }
}

#[test]
fn libvirts_own_words_stay() {
    virt::error::clear_error_callback();
    let connection = virt::connect::Connect::open(Some("test:///default")).unwrap();
    let error = from_virt(
        "find the server web1",
        &connection.lookup_domain_by_name("web1").unwrap_err(),
    );
    assert_eq!(error.kind(), Kind::NotFound);
    assert_eq!(
        error.message(),
        "cannot find the server web1: Domain not found"
    );
    assert!(error.sources()[0].contains("Domain not found"));
    assert!(!error.is_retryable());
}
