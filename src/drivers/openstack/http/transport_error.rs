//! Why nothing came back.

use std::error::Error as _;
use std::io;

use super::time_limit::Expired;
use crate::{Error, Kind};

/// What kept an answer away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::drivers::openstack) enum Cause {
    /// No such name.
    UnknownHost,
    /// Nobody listens there, or no route leads there.
    Refused,
    /// The connection broke in the middle.
    Broken,
    /// What answers speaks no TLS.
    NoTls,
    /// The certificate is not to be trusted.
    Certificate,
    /// The time is up.
    TimedOut,
    /// The call was interrupted.
    Cancelled,
    /// The answer is larger than any that is taken.
    TooLarge,
    /// It leads to somewhere else.
    Redirected,
    /// Something else.
    Other,
}

/// What a try yields.
pub(in crate::drivers::openstack) type Result<T> = std::result::Result<T, TransportError>;

/// Why nothing came back.
#[derive(Debug, Clone)]
pub(in crate::drivers::openstack) struct TransportError {
    pub(in crate::drivers::openstack) cause: Cause,
    /// The lower layers' own words.
    pub(in crate::drivers::openstack) words: String,
}

impl TransportError {
    pub(super) fn new(cause: Cause, words: impl Into<String>) -> Self {
        Self {
            cause,
            words: words.into(),
        }
    }

    /// As an error; `whom` says who was asked.
    pub(in crate::drivers::openstack) fn to_error(&self, whom: &str) -> Error {
        let words = &self.words;
        let (kind, message) = match self.cause {
            Cause::UnknownHost => (
                Kind::ConnectionFailed,
                format!("{whom} cannot be reached: its host name is not known"),
            ),
            Cause::Refused => (
                Kind::ConnectionFailed,
                format!("{whom} cannot be reached: nobody answers there"),
            ),
            Cause::Broken => (
                Kind::ConnectionFailed,
                format!("{whom} broke the connection off"),
            ),
            Cause::NoTls => (
                Kind::ConnectionFailed,
                format!("{whom} cannot be reached by https: what answers there does not speak TLS"),
            ),
            Cause::Certificate => (
                Kind::ConnectionFailed,
                format!(
                    "{whom} shows a certificate that is not trusted; name the authority that \
                     signed it in cacert"
                ),
            ),
            Cause::TimedOut => (Kind::Timeout, format!("{whom} does not answer: {words}")),
            Cause::Cancelled => return Error::new(Kind::Cancelled, "interrupted"),
            Cause::TooLarge => (Kind::Internal, format!("{whom} {words}")),
            Cause::Redirected => (Kind::ConnectionFailed, format!("{whom} {words}")),
            Cause::Other => (Kind::ConnectionFailed, format!("{whom} cannot be asked")),
        };
        let error = Error::new(kind, message).with_source(words);
        match self.cause {
            // it leads there the next time as well
            Cause::Redirected => error.with_retryable(false),
            _ => error,
        }
    }
}

impl From<Expired> for TransportError {
    fn from(expired: Expired) -> Self {
        match expired {
            Expired::TimedOut => Self::new(Cause::TimedOut, "the time is up"),
            Expired::Cancelled => Self::new(Cause::Cancelled, "interrupted"),
        }
    }
}

impl From<reqwest::Error> for TransportError {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut words = error.to_string();
        let mut cause = if error.is_timeout() {
            Some(Cause::TimedOut)
        } else {
            None
        };
        let mut below = error.source();
        while let Some(source) = below {
            let text = source.to_string();
            cause = cause.or_else(|| by_words(&text)).or_else(|| {
                let io = source.downcast_ref::<io::Error>()?;
                by_io(io.kind())
            });
            if !words.contains(&text) {
                words = format!("{words}: {text}");
            }
            below = source.source();
        }
        let other = if error.is_connect() || error.is_request() || error.is_body() {
            Cause::Broken
        } else {
            Cause::Other
        };
        Self::new(cause.unwrap_or(other), words)
    }
}

impl From<io::Error> for TransportError {
    /// Of reading a body: reqwest hides its own error in there.
    fn from(error: io::Error) -> Self {
        let kind = error.kind();
        let inner = error.into_inner();
        match inner.map(<dyn std::error::Error + Send + Sync>::downcast::<reqwest::Error>) {
            Some(Ok(inner)) => {
                let error = Self::from(*inner);
                match error.cause {
                    Cause::TimedOut => error,
                    _ => Self::new(Cause::Broken, error.words),
                }
            }
            Some(Err(inner)) => Self::new(by_io(kind).unwrap_or(Cause::Broken), inner.to_string()),
            None => Self::new(by_io(kind).unwrap_or(Cause::Broken), kind.to_string()),
        }
    }
}

/// Causes that only words tell: those of the resolver and of rustls.
fn by_words(text: &str) -> Option<Cause> {
    let says = |needle: &str| text.contains(needle);
    if says("failed to lookup address") || says("dns error") {
        Some(Cause::UnknownHost)
    } else if says("invalid peer certificate") {
        Some(Cause::Certificate)
    } else if says("InvalidContentType") || says("corrupt message") {
        Some(Cause::NoTls)
    } else {
        None
    }
}

fn by_io(kind: io::ErrorKind) -> Option<Cause> {
    use io::ErrorKind as K;
    Some(match kind {
        K::TimedOut => Cause::TimedOut,
        K::ConnectionRefused
        | K::HostUnreachable
        | K::NetworkUnreachable
        | K::AddrNotAvailable
        | K::NetworkDown => Cause::Refused,
        K::ConnectionReset | K::ConnectionAborted | K::BrokenPipe | K::UnexpectedEof => {
            Cause::Broken
        }
        _ => return None,
    })
}
