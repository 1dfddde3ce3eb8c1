//! The characters that a part of a URI may hold: those that nothing on the way takes for anything but
//! themselves. libvirt puts `socket` unquoted into a command for the shell of an ssh host, and user,
//! host and key file onto the command line of `ssh`.

use super::Transport;

/// A name's characters beside letters and digits.
const IN_NAMES: &str = "._-";
/// The same of a path that another machine's shell sees.
const IN_SHELL_PATHS: &str = "/._+-";
/// The same of a path on this machine.
const IN_PATHS: &str = "/._+-@:,=";

/// A path's characters, for people.
pub(super) const PATH: &str = "letters, digits and /._+-@:,= (over ssh /._+- only)";

/// Whether `text` is the name of a user: no option of a program, nothing for a shell.
pub(super) fn user(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '+' || IN_NAMES.contains(c);
    !text.is_empty() && !text.starts_with('-') && text.chars().all(plain)
}

/// Whether `text` is a host's name in ASCII, as the name service takes it.
pub(super) fn host(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || IN_NAMES.contains(c);
    !text.is_empty() && !text.starts_with(['-', '.']) && text.chars().all(plain)
}

/// Whether `text` is an absolute path on this machine.
pub(super) fn path(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || IN_PATHS.contains(c);
    absolute(text) && text.chars().all(plain)
}

/// Whether `text` is the absolute path of a socket that is reached by `transport`.
pub(super) fn socket(text: &str, transport: Transport) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || IN_SHELL_PATHS.contains(c);
    path(text) && (transport != Transport::Ssh || text.chars().all(plain))
}

/// Whether `text` is the absolute path of a file that describes a test host; it needs no escapes.
pub(super) fn test_file(text: &str) -> bool {
    let plain = |part: &str| !matches!(part, "." | "..");
    path(text) && text.is_ascii() && text.split('/').all(plain)
}

/// Whether `text` is a list of what `GnuTLS` may use.
pub(super) fn priorities(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-._:!%@,=".contains(c);
    !text.is_empty() && text.chars().all(plain)
}

fn absolute(text: &str) -> bool {
    text.starts_with('/') && !text.starts_with("//")
}
