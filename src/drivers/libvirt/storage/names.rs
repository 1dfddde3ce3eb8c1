//! What the volumes of a server are called, and those that mark an import.
//!
//! Each volume of a server carries eight digits of its UUID, so that a name is never taken by a volume
//! that this server does not own, and what a creation left behind can be told from everything else.
//! A marker carries all of its import's.

use uuid::Uuid;

/// How many digits of the UUID.
const DIGITS: usize = 8;

/// The root disk.
pub(crate) fn root(server: &str, id: Uuid, format: &str) -> String {
    format!("{}.root.{}", stem(server, id), ending(format))
}

/// The root disk that is made in place of another, the `number`th, from 2.
pub(crate) fn further_root(server: &str, id: Uuid, number: usize, format: &str) -> String {
    format!("{}.root{number}.{}", stem(server, id), ending(format))
}

/// The extra disk `number`, from 1.
pub(crate) fn data(server: &str, id: Uuid, number: usize, format: &str) -> String {
    format!("{}.data{number}.{}", stem(server, id), ending(format))
}

/// The seed.
pub(crate) fn seed(server: &str, id: Uuid) -> String {
    format!("{}.seed.iso", stem(server, id))
}

/// Whether `volume` has a name that this program gives to a seed.
pub(crate) fn is_seed(volume: &str) -> bool {
    is_servers(volume) && volume.ends_with(".seed.iso")
}

fn stem(server: &str, id: Uuid) -> String {
    format!("{server}.{}", digits_in(id))
}

fn ending(format: &str) -> &str {
    if format == "raw" { "img" } else { format }
}

/// The beginning of a marker's name, and the digits after it.
const MARKER: &str = "va-import.";
const MARKER_DIGITS: usize = 32;

/// The longest name that an image can be imported under: most file systems allow 255 bytes, and its
/// marker's is longer.
pub(crate) const LONGEST_IMAGE: usize = 255 - MARKER.len() - MARKER_DIGITS - 1;

/// What is there while the import `id` of the image `image` is.
pub(crate) fn import_marker(id: Uuid, image: &str) -> String {
    format!("{MARKER}{}.{image}", id.simple())
}

/// The image whose import `volume` marks, if it is a marker.
pub(crate) fn imported_image(volume: &str) -> Option<&str> {
    let (digits, image) = volume.strip_prefix(MARKER)?.split_once('.')?;
    let is_id = digits.len() == MARKER_DIGITS && digits.bytes().all(|b| b.is_ascii_hexdigit());
    Some(image).filter(|image| is_id && !image.is_empty())
}

/// Whether `volume` has a name that this program gives.
pub(crate) fn is_ours(volume: &str) -> bool {
    imported_image(volume).is_some() || is_servers(volume)
}

/// Whether `volume` has a name that this program gives to a server's volumes.
pub(crate) fn is_servers(volume: &str) -> bool {
    digits_of(volume).is_some()
}

/// Whether `volume` has a name that this program gives to a volume of the server `id`, and to no other.
pub(crate) fn is_of(volume: &str, id: Uuid) -> bool {
    digits_of(volume).is_some_and(|digits| digits == digits_in(id))
}

/// The digits of the server's UUID in `volume`, where it is a name that this program gives to a server's.
pub(crate) fn digits_of(volume: &str) -> Option<&str> {
    let mut parts = volume.rsplitn(4, '.');
    let (ending, purpose, id) = (parts.next()?, parts.next()?, parts.next()?);
    parts.next()?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_ours = matches!(ending, "qcow2" | "img" | "iso")
        && (purpose == "root"
            || purpose == "seed"
            || purpose.strip_prefix("data").is_some_and(digits)
            || purpose.strip_prefix("root").is_some_and(digits))
        && id.len() == DIGITS
        && id.bytes().all(|b| b.is_ascii_hexdigit());
    is_ours.then_some(id)
}

/// Whether the `digits` are a day, as people write it into the names of their copies: `web.20260131.root.img`
/// may be anybody's.
pub(crate) fn is_date(digits: &str) -> bool {
    let number =
        |range: std::ops::Range<usize>| digits.get(range).and_then(|part| part.parse::<u16>().ok());
    let [year, month, day] = [0..4, 4..6, 6..8].map(number);
    let within = |part: Option<u16>, least, most| part.is_some_and(|n| (least..=most).contains(&n));
    within(year, 1990, 2099) && within(month, 1, 12) && within(day, 1, 31)
}

/// The digits of `id` that stand in names.
pub(crate) fn digits_in(id: Uuid) -> String {
    id.simple().to_string()[..DIGITS].to_owned()
}

#[cfg(test)]
mod tests;
