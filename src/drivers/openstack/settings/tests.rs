use std::time::Duration;

use serde_json::{Value, json};

use super::{SaltDriver, Settings};
use crate::Error;
use crate::driver::Provider;
use crate::drivers::openstack::identity::{Domain, Interface, Login, Scope, Who};

fn record() -> Value {
    json!({
        "provider_name": "lab", "host_ip": "192.0.2.7:5000", "username": "demo",
        "password": "hunter2", "tenant": "web",
    })
}

fn read(members: &Value) -> Result<Settings, Error> {
    let mut record = record();
    let known = record.as_object_mut().unwrap();
    for (name, value) in members.as_object().unwrap() {
        known.insert(name.clone(), value.clone());
    }
    let provider: Provider = serde_json::from_value(record).unwrap();
    Settings::read(&provider)
}

#[test]
fn little_has_to_be_said() {
    let settings = read(&json!({})).unwrap();
    assert_eq!(settings.address.to_string(), "192.0.2.7:5000");
    let Login::Password(who, _) = &settings.login else {
        panic!("{:?}", settings.login)
    };
    assert_eq!(*who, Who::Name("demo".into(), Domain::default()));
    assert_eq!(
        settings.scope,
        Scope::Project("web".into(), Domain::default())
    );
    assert_eq!(settings.interface, Interface::Public);
    assert_eq!(settings.salt_driver, SaltDriver::VaOpenstack);
    assert_eq!(settings.call_limit, Duration::from_secs(120));
    assert!(!settings.tls.insecure && settings.region.is_none());
}

#[test]
fn one_domain_stands_for_both_and_each_for_itself() {
    let settings = read(&json!({"domain": "lab", "user_domain": "people"})).unwrap();
    let Login::Password(Who::Name(_, domain), _) = &settings.login else {
        panic!("{:?}", settings.login)
    };
    assert_eq!(*domain, Domain::Name("people".into()));
    assert_eq!(
        settings.scope,
        Scope::Project("web".into(), Domain::Name("lab".into()))
    );
}

#[test]
fn the_scope_is_the_narrowest_that_is_named() {
    let scope = |members| read(&members).unwrap().scope;
    assert_eq!(
        scope(json!({"project_id": "x"})),
        Scope::ProjectId("x".into())
    );
    assert_eq!(scope(json!({"tenant": ""})), Scope::Implied);
    assert_eq!(
        scope(json!({"tenant": null, "domain_scope": true})),
        Scope::Domain(Domain::default())
    );
}

#[test]
fn what_cannot_be_is_refused_at_its_member() {
    for (members, field) in [
        (json!({"host_ip": ""}), "/provider/host_ip"),
        (json!({"host_ip": "a b"}), "/provider/host_ip"),
        (json!({"identity_url": "ftp://x"}), "/provider/identity_url"),
        (json!({"auth_url": "ftp://x"}), "/provider/auth_url"),
        (json!({"host_protocol": "qemu"}), "/provider/host_protocol"),
        (json!({"username": " "}), "/provider/username"),
        (json!({"password": ""}), "/provider/password"),
        (json!({"tenant": "a\nb"}), "/provider/tenant"),
        (json!({"interface": "all"}), "/provider/interface"),
        (json!({"cacert": "/nonexistent"}), "/provider/cacert"),
        (json!({"insecure": "maybe"}), "/provider/insecure"),
        (json!({"timeout": 0}), "/provider/timeout"),
        (json!({"prices": {"m1": -1}}), "/provider/prices"),
        (json!({"prices": {"m1": "x"}}), "/provider/prices/m1"),
        (json!({"salt_driver": "ec2"}), "/provider/salt_driver"),
        (
            json!({"application_credential_id": "x"}),
            "/provider/application_credential_secret",
        ),
        (
            json!({"defaults": {"image": "a\nb"}}),
            "/provider/defaults/image",
        ),
    ] {
        let error = read(&members).unwrap_err();
        assert_eq!(error.field(), Some(field), "{members}: {error}");
        assert_eq!(error.kind(), crate::Kind::InvalidField, "{members}");
    }
}

#[test]
fn prices_stand_in_either_place() {
    let settings = read(&json!({
        "prices": {"m1.tiny": 0.5},
        "flavours": {"m1.tiny": {"cost": 9}, "m1.large": {"num_cpus": 4, "cost": 2.5}, "m1.free": {}},
    }))
    .unwrap();
    let prices: Vec<_> = settings.prices.into_iter().collect();
    assert_eq!(prices, [("m1.tiny".into(), 0.5), ("m1.large".into(), 2.5)]);
}

#[test]
fn every_part_of_a_login_makes_it_another() {
    let key = |members: &Value| read(members).unwrap().login_key();
    let usual = key(&json!({}));
    assert_eq!(usual, key(&json!({"region": "RegionTwo", "timeout": 9})));
    for members in [
        json!({"password": "hunter3"}),
        json!({"username": "other"}),
        json!({"tenant": "small"}),
        json!({"host_ip": "192.0.2.8:5000"}),
        json!({"insecure": true}),
        json!({"user_domain": "lab"}),
        json!({"application_credential_id": "x", "application_credential_secret": "hunter2"}),
    ] {
        assert_ne!(usual, key(&members), "{members}");
    }
}

#[test]
fn no_secret_is_shown() {
    for members in [
        json!({}),
        json!({"application_credential_id": "x", "application_credential_secret": "hunter3"}),
    ] {
        let shown = format!("{:?}", read(&members).unwrap());
        assert!(!shown.contains("hunter"), "{shown}");
    }
}
