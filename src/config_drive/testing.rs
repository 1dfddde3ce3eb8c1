//! What the tests of this room start from.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Seed, SeedMinion};
use crate::Secret;

/// PEM around bytes that differ by `mark`.
pub(super) fn pem(label: &str, mark: u8) -> String {
    let bytes: Vec<u8> = (0..1200_u32)
        .map(|n| (n * n * 7 + n * 13).to_le_bytes()[1] ^ n.to_le_bytes()[0] ^ mark)
        .collect();
    let body = STANDARD.encode(bytes);
    let lines: Vec<&str> = body
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

pub(super) fn minion() -> SeedMinion {
    let Value::Object(conf) = json!({ "master": "192.0.2.1" }) else {
        unreachable!()
    };
    SeedMinion {
        id: "web1".into(),
        conf,
        grains: serde_json::Map::new(),
        public_key: pem("PUBLIC KEY", 1),
        private_key: Secret::new(pem("RSA PRIVATE KEY", 2)),
        master_key: Some(pem("PUBLIC KEY", 3)),
        sign_key: None,
        pkg_name: None,
    }
}

pub(super) fn seed() -> Seed {
    let mut seed = Seed::new(Uuid::from_u128(0x1234), "web1");
    seed.minion = Some(minion());
    seed
}
