//! What libvirt's errors mean to a caller.
//!
//! libvirt has a code and a domain for each error, but the codes are coarse: a full disk is a
//! "system error" and a name that is taken an "operation failed". Where they are, its words decide;
//! they are never translated, because this program sets no locale.
//! The codes are described at <https://libvirt.org/html/libvirt-virterror.html>.

mod hints;

use virt::error::{Error as VirtError, ErrorDomain, ErrorNumber};

use super::HostUri;
use crate::{Error, Kind};

/// Turns an error of libvirt into one of ours. `doing` completes "cannot …".
#[must_use]
pub fn from_virt(doing: &str, error: &VirtError) -> Error {
    let text = error.message();
    let kind = classify(error.code().known(), error.domain().known(), text);
    let message = match kind {
        Kind::ConnectionFailed => {
            format!("cannot {doing}: the connection to the host failed: {text}")
        }
        _ => format!("cannot {doing}: {text}"),
    };
    Error::new(kind, message).with_source(error)
}

/// Turns an error of opening a connection into one of ours, with the way out where it is known.
#[must_use]
pub(super) fn from_open(uri: &HostUri, error: &VirtError) -> Error {
    let text = error.message();
    let (kind, hint) = match hints::find(uri.transport(), text) {
        Some(hint) => (hint.kind, hint.way_out),
        None => match classify(error.code().known(), error.domain().known(), text) {
            // while connecting, a fault without a better name is the connection's
            Kind::Internal | Kind::NotFound => (Kind::ConnectionFailed, ""),
            kind => (kind, ""),
        },
    };
    let text = text.trim_end_matches('.');
    let message = if hint.is_empty() {
        format!("cannot connect to {uri}: {text}")
    } else {
        format!("cannot connect to {uri}: {text}. {hint}")
    };
    Error::new(kind, message).with_source(error)
}

/// Whether `error` is libvirt's `number`.
#[must_use]
pub fn is(error: &VirtError, number: ErrorNumber) -> bool {
    error.code().is_known_and(|known| known == number)
}

/// The kind of an error by its code, its domain and its words.
fn classify(code: Option<ErrorNumber>, domain: Option<ErrorDomain>, text: &str) -> Kind {
    let words = text.to_ascii_lowercase();
    let says = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
    // a broken connection wears many codes, "internal error" among them
    if says(BROKEN) {
        return Kind::ConnectionFailed;
    }
    if let Some(kind) = code.and_then(by_code) {
        return kind;
    }
    if says(FULL) {
        return Kind::QuotaExceeded;
    }
    if says(&["already exists", "already in use by"]) {
        return Kind::AlreadyExists;
    }
    if says(&[
        "permission denied",
        "operation not permitted",
        "read-only file system",
    ]) {
        return Kind::PermissionDenied;
    }
    match code {
        Some(ErrorNumber::SystemError) if domain == Some(ErrorDomain::Rpc) => {
            Kind::ConnectionFailed
        }
        Some(ErrorNumber::SystemError) if says(&["no such file or directory"]) => Kind::NotFound,
        _ => Kind::Internal,
    }
}

const BROKEN: &[&str] = &[
    "client socket is closed",
    "connection closed due to keepalive timeout",
    "connection is not open",
    "end of file while reading data",
    "cannot recv data",
    "cannot write data",
    "cannot read data",
    "connection reset by peer",
    "connection refused",
    "broken pipe",
    "no route to host",
    "network is unreachable",
    "unable to connect to server",
    "unable to resolve address",
];

const FULL: &[&str] = &[
    "no space left on device",
    "disk quota exceeded",
    "not enough free space",
    "no enough free space",
    "cannot allocate memory",
];

/// The codes that say enough by themselves.
fn by_code(code: ErrorNumber) -> Option<Kind> {
    use ErrorNumber as N;
    Some(match code {
        N::NoDomain
        | N::NoNetwork
        | N::NoStoragePool
        | N::NoStorageVolume
        | N::NoDomainSnapshot
        | N::NoDomainCheckpoint
        | N::NoDomainMetadata
        | N::NoNetworkMetadata
        | N::NoNetworkPort
        | N::NoNodeDevice
        | N::NoInterface
        | N::NoNwfilter
        | N::NoSecret
        | N::DeviceMissing => Kind::NotFound,
        N::DomExist | N::NetworkExist | N::StorageVolExist | N::NetworkPortExists => {
            Kind::AlreadyExists
        }
        N::AuthFailed | N::AuthCancelled | N::AuthUnavailable => Kind::AuthFailed,
        N::AccessDenied | N::OperationDenied => Kind::PermissionDenied,
        N::NoConnect
        | N::InvalidConn
        | N::Rpc
        | N::UnknownHost
        | N::GnutlsError
        | N::Ssh
        | N::Libssh => Kind::ConnectionFailed,
        N::OperationTimeout | N::AgentCommandTimeout => Kind::Timeout,
        N::OperationInvalid
        | N::OperationAborted
        | N::ResourceBusy
        | N::BlockCopyActive
        | N::StoragePoolBuilt
        | N::SnapshotRevertRisky
        | N::MultipleDomains
        | N::AgentUnresponsive => Kind::Conflict,
        N::NoSupport
        | N::ArgumentUnsupported
        | N::OperationUnsupported
        | N::ConfigUnsupported
        | N::CpuIncompatible => Kind::Unsupported,
        N::NoMemory => Kind::QuotaExceeded,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
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
}
