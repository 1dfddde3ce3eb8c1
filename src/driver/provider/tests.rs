use serde_json::{Value, json};

use super::Provider;
use crate::driver::Flavours;

fn with(name: &str, value: Value) -> Provider {
    let mut provider = Provider::default();
    provider.extra.insert(name.to_owned(), value);
    provider
}

#[test]
fn a_setting_is_read_absent_or_refused_by_its_pointer() {
    assert_eq!(with("a", json!("b")).setting("a"), Ok(Some("b".to_owned())));
    assert_eq!(with("a", Value::Null).setting::<String>("a"), Ok(None));
    assert_eq!(with("a", json!("b")).setting::<String>("c"), Ok(None));
    let error = with("a/b", json!(1)).setting::<String>("a/b").unwrap_err();
    assert_eq!(error.field(), Some("/provider/a~1b"));
    let flavours = json!({"small.1": {"num_cpus": 1, "memory": "much", "vol_capacity": 1}});
    let error = with("flavours", flavours)
        .setting::<Flavours>("flavours")
        .unwrap_err();
    assert_eq!(error.field(), Some("/provider/flavours/small.1/memory"));
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
        let provider = with("setting", value);
        let errors = [
            provider.setting::<u64>("setting").unwrap_err(),
            provider.setting::<Flavours>("setting").unwrap_err(),
        ];
        for error in errors {
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
