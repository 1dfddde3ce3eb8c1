//! A config drive, built in process: see README.md. `seed.py` sets it beside other programs.

use std::hint::black_box;

use divan::Bencher;
use serde_json::{Map, json};
use uuid::Uuid;
use va_driver::testing::iso9660::{self, File};
use va_driver::testing::{KeyPair, RsaBits};
use va_driver::testing::{Seed, SeedMinion};

fn main() {
    divan::main();
}

/// The seed of a server with a minion, as creating one makes it.
fn seed() -> Seed {
    let pair = KeyPair::generate(RsaBits::Bits4096).expect("a key pair");
    let mut seed = Seed::new(Uuid::new_v4(), "web-1");
    let mut conf = Map::new();
    conf.insert("master".to_owned(), json!("192.0.2.1"));
    seed.minion = Some(SeedMinion {
        id: "web-1".to_owned(),
        conf,
        grains: Map::new(),
        public_key: pair.public().pem().to_owned(),
        private_key: pair.private().clone(),
        master_key: None,
        sign_key: None,
        pkg_name: None,
    });
    seed
}

/// All of it: checking what was asked, the documents, the image.
#[divan::bench]
fn from_seed_to_image(bencher: Bencher<'_, '_>) {
    let seed = seed();
    bencher.bench(|| black_box(&seed).image().expect("an image"));
}

/// The image alone, of files that are there.
#[divan::bench]
fn from_files_to_image(bencher: Bencher<'_, '_>) {
    let files = seed().files().expect("files");
    let files: Vec<File<'_>> = files
        .iter()
        .map(|file| File {
            path: &file.path,
            content: &file.content,
        })
        .collect();
    let at = time::OffsetDateTime::UNIX_EPOCH;
    bencher.bench(|| iso9660::write("config-2", at, black_box(&files)).expect("an image"));
}
