use super::PublicKey;
use crate::Kind;
use crate::salt::pem;

/// 2048 bits, made by `openssl genrsa`.
pub(crate) const KEY: &str = include_str!("../fixtures/minion.pub");

#[test]
fn line_endings_and_blanks_do_not_matter() {
    let key = PublicKey::from_pem(KEY).unwrap();
    assert_eq!((key.pem(), key.bits()), (KEY, 2048));
    for text in [
        KEY.replace('\n', "\r\n"),
        format!("\n {KEY}\n\n"),
        KEY.trim_end().to_owned(),
    ] {
        assert_eq!(PublicKey::from_pem(&text).unwrap(), key);
    }
}

#[test]
fn what_is_no_rsa_key_is_refused() {
    let der = pem::decode(KEY).unwrap().der;
    let mut cut = der.to_vec();
    cut.truncate(200);
    let mut longer = der.to_vec();
    longer.push(0);
    let ed25519 = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
    let short = include_str!("../fixtures/rsa1024.pub");
    for text in [
        "",
        "ssh-rsa AAAA",
        ed25519,
        short,
        &pem::encode("PUBLIC KEY", &cut),
        &pem::encode("PUBLIC KEY", &longer),
        &pem::encode("RSA PUBLIC KEY", &der),
        &format!("{KEY}{KEY}"),
        &format!("junk\n{KEY}"),
    ] {
        let error = PublicKey::from_pem(text).unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (Kind::InvalidField, Some("/public_key")),
            "{text}"
        );
    }
}

#[test]
fn another_wrapping_is_the_same_key() {
    let (head, tail) = KEY.split_at(60);
    let rewrapped = PublicKey::from_pem(&format!("{head}\n{tail}")).unwrap();
    let key = PublicKey::from_pem(KEY).unwrap();
    assert!(rewrapped != key && rewrapped.same_key(&key));
}
