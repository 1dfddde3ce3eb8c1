//! What the volumes of a server are called.
//!
//! Each carries eight digits of the server's UUID, so that a name is never taken by a volume that
//! this server does not own, and what a creation left behind can be told from everything else.

use uuid::Uuid;

/// How many digits of the UUID.
const DIGITS: usize = 8;

/// The root disk.
pub(crate) fn root(server: &str, id: Uuid, format: &str) -> String {
    format!("{}.root.{}", stem(server, id), ending(format))
}

/// The extra disk `number`, from 1.
pub(crate) fn data(server: &str, id: Uuid, number: usize, format: &str) -> String {
    format!("{}.data{number}.{}", stem(server, id), ending(format))
}

/// The seed.
pub(crate) fn seed(server: &str, id: Uuid) -> String {
    format!("{}.seed.iso", stem(server, id))
}

fn stem(server: &str, id: Uuid) -> String {
    format!("{server}.{}", digits_in(id))
}

fn ending(format: &str) -> &str {
    if format == "raw" { "img" } else { format }
}

/// Whether `volume` has a name that this program gives.
pub(crate) fn is_ours(volume: &str) -> bool {
    digits_of(volume).is_some()
}

/// Whether `volume` has a name that this program gives to a volume of the server `id`, and to no other.
pub(crate) fn is_of(volume: &str, id: Uuid) -> bool {
    digits_of(volume).is_some_and(|digits| digits == digits_in(id))
}

/// The digits of the server's UUID in `volume`, where it is a name that this program gives.
pub(crate) fn digits_of(volume: &str) -> Option<&str> {
    let mut parts = volume.rsplitn(4, '.');
    let (ending, purpose, id) = (parts.next()?, parts.next()?, parts.next()?);
    parts.next()?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_ours = matches!(ending, "qcow2" | "img" | "iso")
        && (purpose == "root"
            || purpose == "seed"
            || purpose.strip_prefix("data").is_some_and(digits))
        && id.len() == DIGITS
        && id.bytes().all(|b| b.is_ascii_hexdigit());
    is_ours.then_some(id)
}

/// The digits of `id` that stand in names.
pub(crate) fn digits_in(id: Uuid) -> String {
    id.simple().to_string()[..DIGITS].to_owned()
}

#[cfg(test)]
mod tests;
