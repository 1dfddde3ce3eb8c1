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
pub(crate) fn from_virt(doing: &str, error: &VirtError) -> Error {
    let (text, whole) = unquoted(error);
    let kind = classify(error.code().known(), error.domain().known(), &text);
    let message = match kind {
        Kind::ConnectionFailed => {
            format!("cannot {doing}: the connection to the host failed: {text}")
        }
        _ => format!("cannot {doing}: {text}"),
    };
    Error::new(kind, message).with_source(whole)
}

/// What `error` says, and the whole of it with its code, both without what libvirt's parsers quote of a
/// file or document that they cannot read: that may be a file of secrets.
fn unquoted(error: &VirtError) -> (String, String) {
    let text = error.message();
    let code = error.code().known();
    let quotes_lines = matches!(
        code,
        Some(ErrorNumber::XmlDetail | ErrorNumber::XmlError | ErrorNumber::XmlInvalidSchema)
    ) || error.domain().known() == Some(ErrorDomain::Xml);
    let kept = match code {
        // "at line 1: Start tag expected", then that line and a mark below it
        _ if quotes_lines => text.lines().next(),
        // "/etc/x:1: expected an assignment 'all that follows there'"
        Some(ErrorNumber::ConfSyntax) => text.split(" '").next(),
        _ => Some(text),
    };
    let kept = kept.unwrap_or_default().to_owned();
    let whole = error.to_string().replace(text, &kept);
    (kept, whole)
}

/// Turns an error of opening a connection into one of ours, with the way out where it is known.
#[must_use]
pub(super) fn from_open(uri: &HostUri, error: &VirtError) -> Error {
    let (text, whole) = unquoted(error);
    let (kind, hint) = match hints::find(uri.transport(), &text) {
        Some(hint) => (hint.kind, hint.way_out),
        None => match classify(error.code().known(), error.domain().known(), &text) {
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
    Error::new(kind, message).with_source(whole)
}

/// Whether `error` is libvirt's `number`.
#[must_use]
pub(crate) fn is(error: &VirtError, number: ErrorNumber) -> bool {
    error.code().is_known_and(|known| known == number)
}

/// What was `looked` for, where it is there: libvirt's `absent` says that it is not.
pub(in crate::drivers::libvirt) fn found<T>(
    looked: Result<T, VirtError>,
    absent: ErrorNumber,
) -> Result<Option<T>, VirtError> {
    match looked {
        Ok(object) => Ok(Some(object)),
        Err(error) if is(&error, absent) => Ok(None),
        Err(error) => Err(error),
    }
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
mod tests;
