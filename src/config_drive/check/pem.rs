//! PEM (RFC 7468), as Salt wants its keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// A public key as it is written into the guest: LF, one at the end. Says why it is none.
pub(in super::super) fn public_key(text: &str) -> Result<String, String> {
    normal(text, &["PUBLIC KEY"]).map(|text| text.as_str().to_owned())
}

/// A private key as it is written into the guest: LF, one at the end. Says why it is none.
pub(in super::super) fn private_key(text: &str) -> Result<Zeroizing<String>, String> {
    normal(text, &["RSA PRIVATE KEY", "PRIVATE KEY"])
}

fn normal(text: &str, labels: &[&str]) -> Result<Zeroizing<String>, String> {
    let not_pem = || {
        let begins: Vec<_> = labels.iter().map(|label| begin(label)).collect();
        format!(
            "this is not a key that Salt reads: PEM from {} to its END line, not encrypted",
            begins.join(" or ")
        )
    };
    let mut lines = text.trim().lines().map(str::trim_end);
    let first = lines.next().unwrap_or_default();
    let label = labels
        .iter()
        .find(|label| first == begin(label))
        .ok_or_else(not_pem)?;

    // room for all, so that no copy of a secret is left by growing
    let mut out = Zeroizing::new(String::with_capacity(text.len() + 1));
    let mut body = Zeroizing::new(String::with_capacity(text.len()));
    let mut ended = false;
    out.push_str(first);
    out.push('\n');
    for line in lines {
        if ended {
            return Err(not_pem());
        }
        ended = line
            .strip_prefix("-----END ")
            .and_then(|end| end.strip_suffix("-----"))
            == Some(label);
        if !ended {
            body.push_str(line);
        }
        out.push_str(line);
        out.push('\n');
    }
    let decoded = STANDARD.decode(body.as_bytes()).map(Zeroizing::new);
    if ended && decoded.is_ok_and(|bytes| !bytes.is_empty()) {
        Ok(out)
    } else {
        Err(not_pem())
    }
}

fn begin(label: &str) -> String {
    format!("-----BEGIN {label}-----")
}
