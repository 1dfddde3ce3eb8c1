use serde_json::{Value, json};

use crate::config_drive::testing::{minion, seed};
use crate::config_drive::{Format, Seed};
use crate::{Kind, Secret};

const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFxfx9vFw/Qjqgv+B+5/KflTvUd+tWZczULuaQ9/BeP8 me@example";

fn file(seed: &Seed, path: &str) -> Value {
    let files = seed.files().unwrap();
    let file = files.iter().find(|file| file.path == path).unwrap();
    serde_json::from_slice(&file.content).unwrap()
}

fn full() -> Seed {
    let mut seed = seed();
    seed.fqdn = Some("web1.example.org".into());
    seed.ssh_keys = vec![format!("{KEY}\n"), KEY.into()];
    seed.meta.insert("role".into(), "{{ web }}".into());
    seed
}

#[test]
fn openstack_metadata_in_every_version() {
    let mut seed = full();
    for id in ["00000000-0000-0000-0000-000000001234", "i-7"] {
        for version in ["latest", "2018-08-27"] {
            assert_eq!(
                file(&seed, &format!("openstack/{version}/meta_data.json")),
                json!({
                    "uuid": id,
                    "hostname": "web1.example.org",
                    "name": "web1",
                    "launch_index": 0,
                    "public_keys": { "key-000": KEY, "key-001": KEY },
                    "meta": { "role": "{{ web }}" },
                })
            );
        }
        seed.instance_id = Some("i-7".into());
    }
}

#[test]
fn nocloud_metadata() {
    let mut seed = full();
    seed.format = Format::Cidata;
    assert_eq!(
        file(&seed, "meta-data"),
        json!({
            "instance-id": "00000000-0000-0000-0000-000000001234",
            "local-hostname": "web1.example.org",
            "public-keys": [KEY, KEY],
            "meta": { "role": "{{ web }}" },
        })
    );
}

#[test]
fn the_same_seed_is_the_same_image_and_small() {
    let image = full().image().unwrap();
    assert_eq!(image, full().image().unwrap());
    assert!(image.len() < 100 * 1024);
}

#[test]
fn what_cannot_be_written_is_named() {
    let mut seed = full();
    seed.meta.insert("n".repeat(2000), String::new());
    let error = seed.image().unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (Kind::InvalidField, Some("/meta"))
    );
}

#[test]
fn debug_shows_no_secrets() {
    let mut seed = full();
    seed.user_data = Some(Secret::new("#cloud-config\npassword: hunter2\n".into()));
    let conf = &mut seed.minion.as_mut().unwrap().conf;
    conf.insert("password".into(), json!("hunter2"));
    seed.meta.insert("password".into(), "hunter2".into());
    let shown = format!("{seed:?} {:?}", seed.files().unwrap());
    assert!(!shown.contains("hunter2"));
    let minion = minion();
    let key = minion.private_key.expose().lines().nth(1).unwrap();
    assert!(!shown.contains(key));
    assert!(shown.contains("password") && shown.contains("web1"));
}

#[test]
fn a_seed_comes_back_from_json() {
    let seed = full();
    let text = serde_json::to_string(&seed).unwrap();
    assert_eq!(serde_json::from_str::<Seed>(&text).unwrap(), seed);
}

#[test]
fn the_schema_takes_what_serde_takes() {
    let schema = serde_json::to_value(schemars::schema_for!(Seed)).unwrap();
    let mut seed = full();
    seed.interfaces = serde_json::from_value(json!([
        { "mac": "52:54:00:00:00:01", "addresses": ["192.0.2.7/24"], "gateways": ["192.0.2.1"] },
    ]))
    .unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document = serde_json::to_value(&seed).unwrap();
    assert!(
        validator.is_valid(&document),
        "{:?}",
        validator.validate(&document)
    );
    let mut unknown = document;
    unknown["unknown"] = json!(1);
    assert!(!validator.is_valid(&unknown));
}
