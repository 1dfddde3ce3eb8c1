//! Taking the minion's private key out of a config drive.

use crate::Result;

use super::iso9660;
use super::user_data::{CLOUD_CONFIG, KEY_MEMBER, KEY_PREFIX, last_part, mark};

/// Blanks the minion's private key in `image`, an image of [`super::Seed::image`], in place: every
/// copy of it, and nothing else.
///
/// Size, layout and instance id stay, so that the guest does not take the drive for another's; the
/// user-data stays valid, because where the member was there are spaces. cloud-init does without
/// keys where one of the two is missing. `image` may be longer than what was built, as a volume is.
///
/// Returns whether a key was there.
///
/// # Errors
/// `invalid_field` where `image` is not a config drive that this program built.
pub fn seal(image: &mut [u8]) -> Result<bool> {
    let mut found = false;
    for (path, place) in iso9660::files(image)? {
        if matches!(path.rsplit('/').next(), Some("user_data" | "user-data")) {
            found |= seal_user_data(&mut image[place]);
        }
    }
    Ok(found)
}

fn seal_user_data(content: &mut [u8]) -> bool {
    let body = if mark(content) {
        last_part(content)
    } else {
        Some(0..content.len())
    };
    body.is_some_and(|body| seal_cloud_config(&mut content[body]))
}

/// In a cloud-config of ours the key's member stands first, and its string holds no quote.
fn seal_cloud_config(content: &mut [u8]) -> bool {
    let prefix = [CLOUD_CONFIG, KEY_PREFIX].concat();
    if !content.starts_with(prefix.as_bytes()) {
        return false;
    }
    let value = &content[prefix.len()..];
    let Some(length) = value.iter().position(|&byte| byte == b'"') else {
        return false;
    };
    if value.get(length + 1) != Some(&b',') {
        return false;
    }
    let end = prefix.len() + length + 2;
    content[CLOUD_CONFIG.len() + KEY_MEMBER..end].fill(b' ');
    true
}

#[cfg(test)]
mod tests;
