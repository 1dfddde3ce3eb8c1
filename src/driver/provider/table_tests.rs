//! What holds for every driver's table of a provider's members, whatever is in it.

use serde_json::{Map, Value, json};

use super::{Provider, Record};
use crate::Kind;
use crate::driver::Driver;

/// Those that [`Provider`] reads by itself.
const TYPED: [&str; 3] = ["driver_name", "provider_name", "defaults"];

/// What Salt and `va_master` put beside a driver's members.
const OTHERS: [&str; 24] = [
    "profiles",
    "minion",
    "ssh_username",
    "ssh_interface",
    "script",
    "script_args",
    "deploy",
    "sudo",
    "private_key",
    "file_transport",
    "wait_for_ip_timeout",
    "rename_on_destroy",
    "ignore_cidr",
    "use_keystoneauth",
    "flush_mine_on_destroy",
    "key_path",
    "servers",
    "networks",
    "sec_groups",
    "images",
    "sizes",
    "provider_conf",
    "profile_conf_dir",
    "owner",
];

fn provider(members: impl IntoIterator<Item = (String, Value)>) -> Provider {
    serde_json::from_value(Value::Object(Map::from_iter(members))).unwrap()
}

/// Asserts of the table of `driver` what holds for each; `page` is its page of the documentation.
pub(crate) fn check(driver: &dyn Driver, page: &str) {
    check_page(driver, page);
    check_names(driver);
    check_contradictions(driver);
    check_near_misses(driver);
    check_refused(driver);
    for name in OTHERS {
        let provider = provider([(name.to_owned(), json!("x"))]);
        assert_eq!(driver.check_provider(&provider), Ok(()), "{name}");
    }
}

/// The page tells of each name of each member, where it describes the provider.
fn check_page(driver: &dyn Driver, page: &str) {
    let (_, section) = page.split_once("\n## The provider\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    for member in driver.provider_members().taken {
        for name in member.names() {
            assert!(section.contains(&format!("`{name}`")), "{name}");
        }
    }
}

/// Each member is read by each of its names, beside the others and below.
fn check_names(driver: &dyn Driver) {
    let members = driver.provider_members();
    let below = members.below.map(|member| member.name);
    for member in members.taken {
        assert!(!member.about.is_empty(), "{}", member.name);
        for name in member.names() {
            let owners = members
                .taken
                .iter()
                .filter(|one| one.names().any(|n| n == name));
            assert_eq!(owners.count(), 1, "{name} is the name of several members");
            if TYPED.contains(&member.name) || Some(member.name) == below {
                continue;
            }
            let beside = provider([(name.to_owned(), json!("x"))]);
            let inside = below.map(|below| provider([(below.to_owned(), json!({name: "x"}))]));
            for provider in std::iter::once(beside).chain(inside) {
                let record = Record::read(&provider, members).unwrap();
                let secret = record.secret(member).unwrap().unwrap();
                assert_eq!(secret.expose(), "x", "{name}");
                assert!(record.has(member), "{name}");
            }
        }
    }
}

fn check_contradictions(driver: &dyn Driver) {
    for member in driver.provider_members().taken {
        for name in member.names().skip(1) {
            if TYPED.contains(&member.name) {
                continue;
            }
            let both = |one: &str, other: &str| {
                let members = [(member.name, one), (name, other)];
                provider(members.map(|(name, value)| (name.to_owned(), json!(value))))
            };
            assert_eq!(driver.check_provider(&both("x", "x")), Ok(()), "{name}");
            let error = driver.check_provider(&both("x", "y")).unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidField);
            for name in [member.name, name] {
                let said = error.message().contains(&format!("/provider/{name}"));
                assert!(said, "{name}: {error}");
            }
        }
    }
}

/// A letter too few or too many is refused, with the name that was meant, unless that is a name too.
fn check_near_misses(driver: &dyn Driver) {
    let members = driver.provider_members();
    for member in members.taken {
        for name in member.names() {
            let slips = (0..name.len()).flat_map(|at| {
                let (before, after) = name.split_at(at);
                [
                    format!("{before}{}", &after[1..]),
                    format!("{before}{}{after}", &after[..1]),
                ]
            });
            for slip in slips.filter(|slip| !slip.is_empty() && !known(driver, slip)) {
                let provider = provider([(slip.clone(), json!("x"))]);
                let error = driver.check_provider(&provider).unwrap_err();
                assert_eq!(error.kind(), Kind::InvalidField, "{slip}");
                assert_eq!(error.field(), Some(format!("/provider/{slip}").as_str()));
                let (_, meant) = error.message().split_once("did you mean ").unwrap();
                let right = member.names().any(|name| name == meant);
                // where another name is as near, that may have been meant
                assert!(
                    right || members.taken(meant).is_some() && name.len() < 12,
                    "{slip}: {error}"
                );
            }
        }
    }
}

fn known(driver: &dyn Driver, name: &str) -> bool {
    let members = driver.provider_members();
    let passes = driver
        .check_provider(&provider([(name.to_owned(), json!("x"))]))
        .is_ok();
    let mut others = members.refused.iter();
    members.takes(name) || passes && members.passes_over(name) || others.any(|other| other.is(name))
}

fn check_refused(driver: &dyn Driver) {
    for other in driver.provider_members().refused {
        let name = other.name.replace('*', "dns");
        let with = |value: &str| provider([(name.clone(), json!(value))]);
        let error = driver.check_provider(&with("x")).unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported, "{name}");
        assert_eq!(error.field(), Some(format!("/provider/{name}").as_str()));
        assert!(error.message().ends_with(other.why), "{error}");
        assert_eq!(driver.check_provider(&with("")), Ok(()), "{name}");
    }
}
