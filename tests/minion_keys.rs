//! Minion keys, judged by OpenSSL.

use std::fs;
use std::path::Path;
use std::process::Command;

use va_driver::Secret;
use va_driver::testing::{KeyGenerate, KeyPair, MinionId, PublicKey, RsaBits, key_generate};

fn openssl(arguments: &[&str]) -> String {
    let output = Command::new("openssl")
        .args(arguments)
        .output()
        .expect("openssl must be installed");
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn new_keys_are_what_openssl_writes() {
    for (bits, size) in [
        (RsaBits::Bits2048, "2048"),
        (RsaBits::Bits3072, "3072"),
        (RsaBits::Bits4096, "4096"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let request = KeyGenerate {
            bits,
            output_dir: Some(directory.path().to_owned()),
            id: Some(MinionId::new("web").unwrap()),
        };
        let answer = key_generate(&request).unwrap();
        let private = answer.private_key_path.unwrap();
        let public = answer.public_key_path.unwrap();
        let (written, key) = (fs::read_to_string(&private).unwrap(), text(&private));
        assert_eq!(openssl(&["rsa", "-in", key, "-traditional"]), written);
        assert_eq!(
            openssl(&["rsa", "-in", key, "-pubout"]),
            fs::read_to_string(&public).unwrap()
        );
        assert_eq!(
            openssl(&["rsa", "-pubin", "-in", text(&public)]),
            answer.public_key
        );
        openssl(&["rsa", "-in", key, "-check", "-noout"]);
        let described = openssl(&["rsa", "-pubin", "-in", text(&public), "-noout", "-text"]);
        assert!(
            described.contains(&format!("Public-Key: ({size} bit)")),
            "{described}"
        );
    }
}

#[test]
fn keys_of_openssl_are_taken_in_both_forms() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key.pem");
    openssl(&["genrsa", "-out", text(&path), "2048"]);
    let pkcs8 = fs::read_to_string(&path).unwrap();
    assert!(pkcs8.starts_with("-----BEGIN PRIVATE KEY-----"));
    let pkcs1 = openssl(&["rsa", "-in", text(&path), "-traditional"]);
    let public = openssl(&["rsa", "-in", text(&path), "-pubout"]);
    for form in [&pkcs8, &pkcs1, &pkcs1.replace('\n', "\r\n")] {
        let pair = KeyPair::from_pem(&Secret::new(form.clone()), Some(&public)).unwrap();
        assert_eq!(pair.private().expose(), pkcs1);
        assert_eq!(pair.public().pem(), public);
    }
}

#[test]
fn keys_that_salt_cannot_use_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let make = |name: &str, arguments: &[&str]| {
        let path = directory.path().join(name);
        openssl(&[arguments, &["-out", text(&path)]].concat());
        fs::read_to_string(path).unwrap()
    };
    let encrypted = ["genrsa", "-aes128", "-passout", "pass:x"];
    for key in [
        make("encrypted", &encrypted),
        make("encrypted-1", &[&encrypted[..], &["-traditional"]].concat()),
        make("ed25519", &["genpkey", "-algorithm", "ed25519"]),
        make(
            "ec",
            &["ecparam", "-genkey", "-noout", "-name", "prime256v1"],
        ),
        make(
            "short",
            &[
                "genpkey",
                "-algorithm",
                "rsa",
                "-pkeyopt",
                "rsa_keygen_bits:1024",
            ],
        ),
    ] {
        let error = KeyPair::from_pem(&Secret::new(key.clone()), None).expect_err(&key);
        assert_eq!(error.field(), Some("/private"));
    }
    let path = directory.path().join("short");
    let rsa_form = openssl(&["rsa", "-in", text(&path), "-RSAPublicKey_out"]);
    assert!(PublicKey::from_pem(&rsa_form).is_err());
}
