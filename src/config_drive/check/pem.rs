//! Keys as PEM, by their form: that they are keys is for those to see who make and take them.

use zeroize::Zeroizing;

use crate::salt::pem;

/// A public key as it is written into the guest: LF, one at the end. Says why it is none.
pub(in super::super) fn public_key(text: &str) -> Result<String, String> {
    normal(text, &["PUBLIC KEY"]).map(|text| text.as_str().to_owned())
}

/// A private key as it is written into the guest: LF, one at the end. Says why it is none.
pub(in super::super) fn private_key(text: &str) -> Result<Zeroizing<String>, String> {
    normal(text, &["RSA PRIVATE KEY", "PRIVATE KEY"])
}

fn normal(text: &str, labels: &[&str]) -> Result<Zeroizing<String>, String> {
    let block = pem::decode(text);
    if block.is_some_and(|block| labels.contains(&block.label) && !block.der.is_empty()) {
        return Ok(pem::normal(text));
    }
    let begins: Vec<_> = labels
        .iter()
        .map(|label| format!("-----BEGIN {label}-----"))
        .collect();
    Err(format!(
        "this is not a key that Salt reads: PEM from {} to its END line, not encrypted",
        begins.join(" or ")
    ))
}
