//! PEM blocks, as OpenSSL and Salt write them: 64 characters a line, a newline at the end.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// One block taken apart.
pub(crate) struct Pem<'a> {
    /// What stands after BEGIN.
    pub(crate) label: &'a str,
    /// The DER inside.
    pub(crate) der: Zeroizing<Vec<u8>>,
}

/// Takes apart a text that is one block and nothing else; line endings and widths are free.
pub(crate) fn decode(text: &str) -> Option<Pem<'_>> {
    let mut lines = text.trim().lines().map(str::trim);
    let label = lines
        .next()?
        .strip_prefix("-----BEGIN ")?
        .strip_suffix("-----")?;
    let mut body = Zeroizing::new(String::with_capacity(text.len()));
    for line in lines.by_ref() {
        if let Some(end) = line.strip_prefix("-----END ") {
            let whole = end.strip_suffix("-----") == Some(label) && lines.next().is_none();
            let der = Zeroizing::new(STANDARD.decode(body.as_bytes()).ok()?);
            return whole.then_some(Pem { label, der });
        }
        body.push_str(line);
    }
    None
}

/// The same block with LF at the end of each line and no blanks around it.
pub(crate) fn normal(text: &str) -> Zeroizing<String> {
    // room for all, so that no copy of a private key is left by growing
    let mut normal = Zeroizing::new(String::with_capacity(text.len() + 1));
    for line in text.trim().lines() {
        normal.push_str(line.trim());
        normal.push('\n');
    }
    normal
}

/// Puts a block together.
pub(super) fn encode(label: &str, der: &[u8]) -> String {
    let body = Zeroizing::new(STANDARD.encode(der));
    // exactly sized, so that no copy of a private key stays behind in a buffer that was too small
    let mut text = String::with_capacity(body.len() + body.len() / 64 + 2 * label.len() + 40);
    text.push_str("-----BEGIN ");
    text.push_str(label);
    text.push_str("-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = tail;
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}

#[cfg(test)]
mod tests {
    use super::{decode, encode, normal};
    use proptest::prelude::*;

    #[test]
    fn only_a_whole_block_is_taken() {
        let good = "-----BEGIN X-----\nAAAA\n-----END X-----\n";
        assert_eq!(decode(good).unwrap().der.as_slice(), [0, 0, 0]);
        assert_eq!(decode(&good.replace('\n', "\r\n")).unwrap().label, "X");
        for bad in [
            "",
            "AAAA",
            "-----BEGIN X-----\nAAAA\n",
            "-----BEGIN X-----\nAAAA\n-----END Y-----\n",
            "-----BEGIN X-----\nA*AA\n-----END X-----\n",
            "-----BEGIN X-----\nAAAA\n-----END X-----\nmore\n",
            "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\nAAAA\n-----END X-----\n",
        ] {
            assert!(decode(bad).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes(der in prop::collection::vec(any::<u8>(), 0..300)) {
            let text = encode("X Y", &der);
            let text = text.as_str();
            let loose = format!(" \n{}  ", text.replace('\n', " \r\n"));
            let tight = normal(&loose);
            prop_assert_eq!(tight.as_str(), text);
            prop_assert_eq!(tight.capacity(), loose.len() + 1);
            prop_assert!(text.lines().all(|line| line.len() <= 64));
            let pem = decode(text).unwrap();
            prop_assert_eq!((pem.label, pem.der.as_slice()), ("X Y", der.as_slice()));
        }

        #[test]
        fn nothing_makes_it_panic(text in any::<String>(), body in ".{0,20}") {
            let _ = decode(&text);
            let _ = decode(&format!("-----BEGIN {body}-----\n{body}\n-----END {body}-----"));
        }
    }
}
