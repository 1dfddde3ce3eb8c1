//! Which names the servers may have that this program makes.

use crate::{Error, Kind, Result};

/// The longest name: it is also the guest's host name.
const NAME_LENGTH: usize = 63;

/// Checks a server's name: an allow-list, because it becomes names on the host (a domain's, volumes',
/// files') and the guest's host name.
pub(in crate::drivers) fn check_server_name(name: &str) -> Result<()> {
    let field = "/server/server_name";
    if name.is_empty() {
        return Err(Error::invalid(field, "the server has no name"));
    }
    if name.len() > NAME_LENGTH {
        let message = format!(
            "the server's name has {} characters; {NAME_LENGTH} are allowed",
            name.len()
        );
        return Err(Error::invalid(field, message));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if !name.chars().all(allowed)
        || !edge(name.chars().next())
        || !edge(name.chars().last())
        || name.contains("..")
    {
        return Err(Error::invalid(
            field,
            format!(
                "the server's name {name:?} is not allowed: letters, digits, single dots, - and _, \
                 with a letter or digit at both ends"
            ),
        ));
    }
    Ok(())
}

/// The error about a name that another server has.
pub(in crate::drivers) fn name_taken(name: &str, why: &str) -> Error {
    let message =
        format!("there is a server {name} already, {why}; choose another name or delete that one");
    Error::new(Kind::AlreadyExists, message).with_field("/server/server_name")
}
