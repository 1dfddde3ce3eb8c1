use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::seal;
use crate::Secret;
use crate::config_drive::testing::{pem, seed};
use crate::config_drive::{Format, Seed, iso9660};

/// As short a run of the key as would not be there by chance.
const RUN: usize = 12;

fn contents(image: &[u8]) -> Vec<(String, Vec<u8>)> {
    let files = iso9660::files(image).unwrap();
    files
        .into_iter()
        .map(|(path, place)| (path, image[place].to_vec()))
        .collect()
}

/// The part of user-data with `salt_minion`, without the key that was in it.
fn salt_minion(user_data: &[u8]) -> Value {
    let text = std::str::from_utf8(user_data).unwrap();
    let (_, config) = text.rsplit_once("#cloud-config\n").unwrap();
    let config = config.split("\n--").next().unwrap();
    let mut config: Value = serde_yaml::from_str(config).unwrap();
    config["salt_minion"].take()
}

fn sealed(seed: &Seed) -> (Vec<u8>, Vec<u8>) {
    let before = seed.image().unwrap().to_vec();
    let mut after = before.clone();
    assert!(seal(&mut after).unwrap());
    (before, after)
}

fn check(seed: &Seed, key: &str) {
    let (before, after) = sealed(seed);
    assert_eq!(before.len(), after.len());
    let mut copies = 0;
    for ((path, old), (same_path, new)) in contents(&before).into_iter().zip(contents(&after)) {
        assert_eq!(path, same_path);
        if path.ends_with("user_data") || path.ends_with("user-data") {
            copies += 1;
            let mut expected = salt_minion(&old);
            expected
                .as_object_mut()
                .unwrap()
                .remove("private_key")
                .unwrap();
            assert_eq!(salt_minion(&new), expected);
            for (old, new) in old.iter().zip(&new) {
                assert!(old == new || *new == b' ');
            }
        } else {
            assert_eq!(old, new);
        }
    }
    assert_eq!(copies, if seed.format == Format::Config2 { 2 } else { 1 });
    let (runs_before, runs_after) = (runs(&before), runs(&after));
    for line in key.lines().filter(|line| !line.starts_with('-')) {
        for run in line.as_bytes().windows(RUN) {
            assert!(runs_before.contains(run));
            assert!(!runs_after.contains(run));
        }
    }
}

/// Every run of bytes of that length.
fn runs(image: &[u8]) -> HashSet<&[u8]> {
    image.windows(RUN).collect()
}

#[test]
fn only_the_key_goes() {
    let seed = seed();
    let key = seed
        .minion
        .as_ref()
        .unwrap()
        .private_key
        .expose()
        .to_owned();
    check(&seed, &key);
    let (_, mut after) = sealed(&seed);
    let once = after.clone();
    assert!(!seal(&mut after).unwrap(), "there is no second key");
    assert_eq!(once, after);
}

#[test]
fn a_drive_without_a_key_stays_as_it_is() {
    let mut seed = seed();
    seed.minion = None;
    for user in [
        None,
        Some("#cloud-config\n{\"private_key\":\"-----BEGIN\",}"),
    ] {
        seed.user_data = user.map(|text| Secret::new(text.into()));
        let mut image = seed.image().unwrap().to_vec();
        let before = image.clone();
        assert!(!seal(&mut image).unwrap());
        assert_eq!(image, before);
    }
}

#[test]
fn a_volume_may_be_longer_than_the_image() {
    let mut image = seed().image().unwrap().to_vec();
    image.resize(image.len() + 5000, 0xff);
    assert!(seal(&mut image).unwrap());
}

#[test]
fn what_is_no_config_drive_is_refused() {
    assert!(seal(&mut []).is_err());
    assert!(seal(&mut vec![0; 100_000]).is_err());
}

fn user_data() -> impl Strategy<Value = Option<String>> {
    let own = "#cloud-config\n{\"salt_minion\":{\"private_key\":\"-----BEGIN X\",\"a\":1}}\n";
    let message = format!(
        "Content-Type: multipart/mixed; boundary=\"va-driver-x\"\nMIME-Version: 1.0\n\n\
         --va-driver-x\n\n{own}\n--va-driver-x--\n"
    );
    prop_oneof![
        Just(None),
        Just(Some(own.to_owned())),
        Just(Some(message)),
        "\\PC{0,200}".prop_map(|text| Some(format!("#cloud-config\n{text}"))),
        any::<String>().prop_map(|text| Some(format!("#!/bin/sh\n{text}"))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_the_key_and_the_rest_are(
        key in prop::collection::vec(any::<u8>(), 600..2400),
        pkcs8: bool,
        cidata: bool,
        user in user_data(),
        note in any::<String>(),
    ) {
        let label = if pkcs8 { "PRIVATE KEY" } else { "RSA PRIVATE KEY" };
        let body = STANDARD.encode(&key);
        let lines: Vec<_> = body.as_bytes().chunks(64)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        let key = format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"));
        let mut seed = seed();
        seed.format = if cidata { Format::Cidata } else { Format::Config2 };
        seed.user_data = user.map(Secret::new);
        let minion = seed.minion.as_mut().unwrap();
        minion.private_key = Secret::new(key.clone());
        minion.conf.insert("note".into(), json!(note));
        minion.conf.insert("private_key".into(), json!(pem("PUBLIC KEY", 9)));
        check(&seed, &key);
    }
}
