//! The one error type. Every failure has a stable [`Kind`], a message that names the thing and the
//! way out, and, where there is one, the field it concerns.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::{KIB, length};

/// What went wrong, as a word that callers may rely on.
///
/// The JSON-RPC code and the exit code of each follow from it one to one: [`Kind::code`] and
/// [`Kind::exit_code`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// The message is not a request: not JSON, not UTF-8, too long, or not JSON-RPC 2.0.
    InvalidRequest,
    /// The method is not one that this program serves.
    UnknownMethod,
    /// A member is missing, unknown, of the wrong type, or its value is not allowed.
    InvalidField,
    /// The thing named is not there.
    NotFound,
    /// Something of that name is there already and is not the same.
    AlreadyExists,
    /// The host could not be reached, or the connection broke.
    ConnectionFailed,
    /// The host refused the credentials.
    AuthFailed,
    /// The credentials do not allow it, or a file's mode does not.
    PermissionDenied,
    /// No room: quota, pool, memory, disk.
    QuotaExceeded,
    /// It took longer than allowed.
    Timeout,
    /// The thing is in a state that does not allow it.
    Conflict,
    /// This driver or host cannot do it.
    Unsupported,
    /// It failed and something was left behind; the error names what.
    PartialFailure,
    /// It was interrupted (SIGINT, SIGTERM) and undone.
    Cancelled,
    /// A fault of this program or an answer of the host that it does not understand.
    Internal,
}

impl Kind {
    /// Every kind, in the order of their documentation.
    pub const ALL: [Self; 15] = [
        Self::InvalidRequest,
        Self::UnknownMethod,
        Self::InvalidField,
        Self::NotFound,
        Self::AlreadyExists,
        Self::ConnectionFailed,
        Self::AuthFailed,
        Self::PermissionDenied,
        Self::QuotaExceeded,
        Self::Timeout,
        Self::Conflict,
        Self::Unsupported,
        Self::PartialFailure,
        Self::Cancelled,
        Self::Internal,
    ];

    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::UnknownMethod => "unknown_method",
            Self::InvalidField => "invalid_field",
            Self::NotFound => "not_found",
            Self::AlreadyExists => "already_exists",
            Self::ConnectionFailed => "connection_failed",
            Self::AuthFailed => "auth_failed",
            Self::PermissionDenied => "permission_denied",
            Self::QuotaExceeded => "quota_exceeded",
            Self::Timeout => "timeout",
            Self::Conflict => "conflict",
            Self::Unsupported => "unsupported",
            Self::PartialFailure => "partial_failure",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
        }
    }

    /// The JSON-RPC error code: the specification's own where it has one, else −320xx.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            Self::InvalidRequest => -32600,
            Self::UnknownMethod => -32601,
            Self::InvalidField => -32602,
            Self::Internal => -32603,
            Self::NotFound => -32004,
            Self::AlreadyExists => -32005,
            Self::ConnectionFailed => -32006,
            Self::AuthFailed => -32007,
            Self::PermissionDenied => -32008,
            Self::QuotaExceeded => -32009,
            Self::Timeout => -32010,
            Self::Conflict => -32011,
            Self::Unsupported => -32012,
            Self::PartialFailure => -32013,
            Self::Cancelled => -32014,
        }
    }

    /// The exit code of the shell's subcommands. 2 is clap's for a command line that does not parse.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::InvalidRequest => 2,
            Self::InvalidField => 3,
            Self::NotFound => 4,
            Self::AlreadyExists => 5,
            Self::ConnectionFailed => 6,
            Self::AuthFailed => 7,
            Self::PermissionDenied => 8,
            Self::QuotaExceeded => 9,
            Self::Timeout => 10,
            Self::Conflict => 11,
            Self::Unsupported => 12,
            Self::PartialFailure => 13,
            Self::UnknownMethod => 14,
            Self::Cancelled => 130,
        }
    }

    /// The exit code of a subcommand that did what it was asked to, but whose server did not get as far
    /// as it was waited for. That is an answer and no error, so no kind has it.
    pub const NOT_READY_EXIT_CODE: u8 = 15;

    /// Whether the same request may succeed later without a change.
    #[must_use]
    pub fn retryable(self) -> bool {
        matches!(self, Self::ConnectionFailed | Self::Timeout)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that is still there after all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftBehind {
    /// What it is: `volume`, `domain`, `nvram`, `minion_key` …
    pub resource: String,
    /// Where it is, so that a person or a program finds it: a volume's path, a domain's name.
    pub name: String,
    /// Why it is still there.
    pub reason: String,
}

/// The longest text of a failure, in bytes: what a caller or a host has sent may be repeated in it.
const LONGEST_TEXT: usize = length(16 * KIB);
/// What a text ends in that was longer.
pub(crate) const CUT: &str = "… (cut short)";

/// `text`, or as much of it as a failure may say.
fn bounded(mut text: String) -> String {
    if text.len() > LONGEST_TEXT {
        let most = LONGEST_TEXT - CUT.len();
        let end = (0..=most).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or_default());
        text.push_str(CUT);
    }
    text
}

/// A failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    message: String,
    field: Option<String>,
    retryable: Option<bool>,
    left_behind: Vec<LeftBehind>,
    source: Vec<String>,
}

impl Error {
    /// A failure of `kind`; `message` names the thing and the way out.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: bounded(message.into()),
            field: None,
            retryable: None,
            left_behind: Vec::new(),
            source: Vec::new(),
        }
    }

    /// An [`Kind::InvalidField`] about the member at `field`, a JSON pointer into the parameters.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Kind::InvalidField, message).with_field(field)
    }

    /// The same failure, about the member at `field` (a JSON pointer such as `/server/image`).
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(bounded(field.into()));
        self
    }

    /// The same failure with the lower layer's own words behind it.
    #[must_use]
    pub fn with_source(mut self, source: impl fmt::Display) -> Self {
        self.source.push(bounded(source.to_string()));
        self
    }

    /// The same failure, overriding whether trying again may help.
    #[must_use]
    pub fn with_retryable(mut self, retryable: bool) -> Self {
        self.retryable = Some(retryable);
        self
    }

    /// The same failure, with what could not be undone.
    #[must_use]
    pub fn with_left_behind(mut self, left: Vec<LeftBehind>) -> Self {
        self.left_behind.extend(left);
        self
    }

    /// The same failure under another kind.
    #[must_use]
    pub fn with_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// The same failure in other words.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = bounded(message.into());
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The sentence for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The JSON pointer of the member it concerns.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// What could not be undone.
    #[must_use]
    pub fn left_behind(&self) -> &[LeftBehind] {
        &self.left_behind
    }

    /// What lies under it, outermost first.
    #[must_use]
    pub fn sources(&self) -> &[String] {
        &self.source
    }

    /// Whether the same request may succeed later without a change.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.retryable.unwrap_or_else(|| self.kind.retryable())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// A result with this crate's error.
pub type Result<T> = std::result::Result<T, Error>;

/// Turns an I/O error about `path` into one with the right kind and the path in its message.
pub(crate) fn io_error(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Error {
    let kind = match error.kind() {
        std::io::ErrorKind::NotFound => Kind::NotFound,
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            Kind::PermissionDenied
        }
        std::io::ErrorKind::AlreadyExists => Kind::AlreadyExists,
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Kind::QuotaExceeded,
        std::io::ErrorKind::TimedOut => Kind::Timeout,
        // what was named is no file, or none that a name can have
        std::io::ErrorKind::InvalidInput
        | std::io::ErrorKind::InvalidFilename
        | std::io::ErrorKind::IsADirectory
        | std::io::ErrorKind::NotADirectory
        | std::io::ErrorKind::FileTooLarge
        | std::io::ErrorKind::InvalidData => Kind::InvalidField,
        _ => Kind::Internal,
    };
    Error::new(kind, format!("cannot {doing} {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_text_is_cut_at_its_limit_and_between_characters() {
        let whole = "a".repeat(LONGEST_TEXT);
        assert_eq!(Error::new(Kind::Internal, &whole).message(), whole);
        for text in ["a".repeat(LONGEST_TEXT + 1), "ä".repeat(4_000_000)] {
            let error = Error::invalid(&text, &text).with_source(&text);
            for cut in [error.message(), error.field().unwrap(), &error.sources()[0]] {
                assert!(cut.len() <= LONGEST_TEXT && cut.ends_with(CUT));
            }
        }
    }

    #[test]
    fn codes_and_words_map_one_to_one() {
        let words: HashSet<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        let codes: HashSet<_> = Kind::ALL.iter().map(|kind| kind.code()).collect();
        let exits: HashSet<_> = Kind::ALL.iter().map(|kind| kind.exit_code()).collect();
        assert_eq!(words.len(), Kind::ALL.len());
        assert_eq!(codes.len(), Kind::ALL.len());
        assert_eq!(exits.len(), Kind::ALL.len());
        assert!(!exits.contains(&0) && !exits.contains(&Kind::NOT_READY_EXIT_CODE));
    }

    #[test]
    fn the_word_is_what_serde_writes() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
