use serde_json::{Value, json};

use super::{Provider, Record, provider_members};
use crate::driver::Flavours;
use crate::{Kind, Result};

provider_members! {
    taken {
        AUTH = "auth": "those of a login";
        HOST_IP = "host_ip", also ["provider_ip"]: "the host";
        PASSWORD = "password": "the password";
        TENANT = "tenant", foreign ["project_name"]: "the project";
        POOL = "pool": "the pool";
        WAIT = "wait": "seconds";
        QUIET = "quiet": "true or false";
        FLAVOURS = "flavours": "the sizes";
    }
    below AUTH;
    refused {
        "ticket": "bring a password";
        "*_secret": "bring a password";
    }
    passed_over {
        "poll": "another program's";
    }
}

fn read(record: Value) -> Result<Record> {
    Record::read(&serde_json::from_value(record).unwrap(), &MEMBERS)
}

#[test]
fn a_member_is_read_absent_or_refused_by_its_pointer() {
    let text = |value: Value| read(json!({"pool": value})).unwrap().text(POOL);
    assert_eq!(text(json!(" b ")), Ok(Some("b".to_owned())));
    assert_eq!(text(json!(7)), Ok(Some("7".to_owned())));
    assert_eq!(text(Value::Null), Ok(None));
    assert_eq!(text(json!(" ")), Ok(None));
    for wrong in [json!(["b"]), json!({"b": 1}), json!(true), json!("a\nb")] {
        assert_eq!(text(wrong).unwrap_err().field(), Some("/provider/pool"));
    }
    let flavours = json!({"small.1": {"num_cpus": 1, "memory": "much", "vol_capacity": 1}});
    let record = read(json!({"auth": {"flavours": flavours}})).unwrap();
    let error = record.setting::<Flavours>(FLAVOURS).unwrap_err();
    assert_eq!(
        error.field(),
        Some("/provider/auth/flavours/small.1/memory")
    );
}

#[test]
fn numbers_and_truth_values_are_taken_in_the_forms_that_files_have() {
    let record = read(json!({"wait": "7", "quiet": "no"})).unwrap();
    assert_eq!(record.seconds(WAIT, 1).unwrap().as_secs(), 7);
    assert_eq!(record.flag(QUIET), Ok(Some(false)));
    let record = read(json!({"quiet": true})).unwrap();
    assert_eq!(record.seconds(WAIT, 1).unwrap().as_secs(), 1);
    assert_eq!(record.flag(QUIET), Ok(Some(true)));
    for (name, value) in [
        ("wait", json!(0)),
        ("wait", json!("soon")),
        ("quiet", json!(2)),
    ] {
        let record = read(json!({name: value})).unwrap();
        let error = record.seconds(WAIT, 1).and(record.flag(QUIET)).unwrap_err();
        assert_eq!(error.field(), Some(format!("/provider/{name}").as_str()));
    }
}

#[test]
fn one_thing_may_be_said_twice_but_not_differently() {
    let record = read(json!({"provider_ip": "a", "host_ip": "a", "auth": {"project_name": "p"}}));
    let record = record.unwrap();
    assert_eq!(record.text(HOST_IP), Ok(Some("a".to_owned())));
    assert_eq!(record.provider().tenant.as_deref(), Some("p"));
    assert_eq!(record.pointer(TENANT), "/provider/auth/project_name");
    for (differing, field) in [
        (
            json!({"provider_ip": "a", "host_ip": "b"}),
            "/provider/provider_ip",
        ),
        (
            json!({"tenant": "a", "project_name": "b"}),
            "/provider/project_name",
        ),
        (
            json!({"password": "hunter2", "auth": {"password": "hunter3"}}),
            "/provider/auth/password",
        ),
    ] {
        let error = read(differing).unwrap_err();
        assert_eq!(error.field(), Some(field));
        assert!(!format!("{error:?}").contains("hunter"), "{error:?}");
    }
}

#[test]
fn what_is_not_read_is_refused_or_passed_over_on_purpose() {
    for (record, kind, field) in [
        (json!({"pol": 1}), Kind::InvalidField, "/provider/pol"),
        (
            json!({"auth": {"pasword": "x"}}),
            Kind::InvalidField,
            "/provider/auth/pasword",
        ),
        (
            json!({"ticket": "x"}),
            Kind::Unsupported,
            "/provider/ticket",
        ),
        (
            json!({"auth": {"a_secret": "x"}}),
            Kind::Unsupported,
            "/provider/auth/a_secret",
        ),
        (json!({"auth": ["x"]}), Kind::InvalidField, "/provider/auth"),
    ] {
        let error = read(record).unwrap_err();
        assert_eq!((error.kind(), error.field()), (kind, Some(field)));
    }
    let record =
        json!({"poll": 1, "ticket": "", "minion": {"master": "salt"}, "images": [], "auth": null});
    assert_eq!(read(record).unwrap().provider().extra["poll"], 1);
}

#[test]
fn what_was_put_in_the_wrong_place_is_not_repeated() {
    let secret = "hunter2";
    for value in [
        json!(secret),
        json!([secret]),
        json!({"small": secret}),
        json!({"small": {"num_cpus": secret}}),
        json!({"small": {"num_cpus": [secret]}}),
        json!({"small": {"num_cpus": 1, "memory": 1, "vol_capacity": 1, "max_memory": {"a": secret}}}),
        json!({"small": {"num_cpus": 1, "memory": 1, "vol_capacity": 1, "cost": secret}}),
    ] {
        let record = read(json!({"flavours": value})).unwrap();
        for error in [
            record.setting::<u64>(FLAVOURS).unwrap_err(),
            record.setting::<Flavours>(FLAVOURS).unwrap_err(),
        ] {
            assert!(!format!("{error:?}").contains(secret), "{error:?}");
        }
    }
}

#[test]
fn defaults_stand_in_their_own_member_or_at_the_top() {
    let defaults = |record: Value| {
        let provider: Provider = serde_json::from_value(record).unwrap();
        let again = serde_json::to_value(&provider).unwrap();
        let again: Provider = serde_json::from_value(again).unwrap();
        assert_eq!(again.defaults, provider.defaults);
        let defaults = provider.defaults;
        [
            defaults.network,
            defaults.sec_group,
            defaults.image,
            defaults.size,
        ]
        .map(Option::unwrap_or_default)
    };
    assert_eq!(
        defaults(json!({"network": "n", "sec_group": "g", "image": "i", "size": "s"})),
        ["n", "g", "i", "s"]
    );
    assert_eq!(
        defaults(
            json!({"network": "other", "image": "i", "defaults": {"network": "n", "size": "s"}})
        ),
        ["n", "", "i", "s"]
    );
    assert_eq!(
        defaults(json!({"network": ["n"], "size": 1})),
        ["", "", "", ""]
    );
}

#[test]
fn errors_name_the_members_of_a_provider() {
    let error = crate::decode::decode::<Provider>(&json!({"defaults": {"size": 1}}), "/provider");
    assert_eq!(error.unwrap_err().field(), Some("/provider/defaults/size"));
}
