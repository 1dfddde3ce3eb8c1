//! Lines of `authorized_keys`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What OpenSSH accepts from a user, certificates apart.
const TYPES: [&str; 7] = [
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

/// Checks one key: type, base64, comment. Says why it is none.
pub(super) fn public_key(key: &str) -> Result<(), String> {
    let key = key.trim();
    if key.contains(char::is_control) {
        return Err("an SSH key is one line: give each key its own entry".into());
    }
    let mut words = key.split(' ').filter(|word| !word.is_empty());
    let kind = words.next().unwrap_or_default();
    if !TYPES.contains(&kind) {
        return Err(format!(
            "an SSH public key begins with its type, one of: {}",
            TYPES.join(", ")
        ));
    }
    // RFC 4253 6.6: the key itself begins with its type, too
    let blob = STANDARD.decode(words.next().unwrap_or_default());
    let inner = blob.ok().and_then(|blob| {
        let (length, rest) = blob.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        Some(rest.get(..length)? == kind.as_bytes() && rest.len() > length)
    });
    if inner == Some(true) {
        return Ok(());
    }
    Err(format!(
        "this {kind} key is damaged: copy the whole line of the .pub file"
    ))
}
