//! What the volumes of a server are called.
//!
//! Each carries eight digits of the server's UUID, so that a name is never taken by a volume that
//! this server does not own, and what a creation left behind can be told from everything else.

use uuid::Uuid;

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
    format!("{server}.{}", &id.simple().to_string()[..8])
}

fn ending(format: &str) -> &str {
    if format == "raw" { "img" } else { format }
}

/// Whether `volume` has a name that this program gives.
pub(crate) fn is_ours(volume: &str) -> bool {
    let mut parts = volume.rsplitn(4, '.');
    let (Some(ending), Some(purpose), Some(id), Some(_)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    matches!(ending, "qcow2" | "img" | "iso")
        && (purpose == "root"
            || purpose == "seed"
            || purpose.strip_prefix("data").is_some_and(digits))
        && id.len() == 8
        && id.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests;
