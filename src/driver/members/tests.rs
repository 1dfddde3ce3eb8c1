use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::testing::{members_of, sample, server_with};
use super::{Member, ServerMembers, find, server_members};
use crate::driver::ServerSpec;
use crate::{Error, decode::decode};

fn read(server: &Value) -> Result<Value, Error> {
    let spec = decode::<ServerSpec>(server, "/server")?;
    // a member that may be a driver's own is refused where it is known whose server it is
    if !spec.extra.0.is_empty() {
        ServerMembers::default().check(&spec, &[])?;
    }
    Ok(serde_json::to_value(spec).unwrap())
}

/// Where members stand: the server itself, and every object in it.
fn objects() -> impl Iterator<Item = &'static str> {
    let inner = server_members().iter().filter(|member| member.has_members);
    std::iter::once("").chain(inner.map(|member| member.path.as_str()))
}

#[test]
fn every_name_that_is_read_is_in_the_table() {
    for object in objects() {
        let path = format!("{object}/qqqqqqqqqqqqqqqq");
        let path = path.trim_start_matches('/');
        let (server, pointer) = server_with(path, "qqqqqqqqqqqqqqqq", json!(1));
        let error = read(&server).unwrap_err();
        assert_eq!(error.field(), Some(pointer.as_str()));
        let (what, there_are) = error.message().split_once("; there are: ").unwrap();
        assert_eq!(
            what,
            format!("{pointer} is not a member that is taken here")
        );
        let read: BTreeSet<&str> = there_are.split(", ").collect();
        let declared: BTreeSet<&str> = members_of(object).flat_map(Member::names).collect();
        assert_eq!(read, declared, "{object}");
    }
}

#[test]
fn a_synonym_gives_the_same_server() {
    for member in server_members() {
        let (server, _) = server_with(&member.path, member.name(), sample(member));
        let same = read(&server).unwrap_or_else(|error| panic!("{}: {error}", member.path));
        let pointer = format!("/{}", member.path.split('/').next().unwrap());
        assert!(same.pointer(&pointer).is_some(), "{} counts", member.path);
        for synonym in &member.synonyms {
            let (server, _) = server_with(&member.path, synonym, sample(member));
            assert_eq!(read(&server).unwrap(), same, "{synonym}");
        }
    }
}

#[test]
fn a_near_miss_is_refused_with_the_right_name() {
    for member in server_members() {
        let object = member.path.rsplit_once('/').map_or("", |(above, _)| above);
        let known: Vec<&str> = members_of(object).flat_map(Member::names).collect();
        for name in member.names() {
            let dropped = (0..name.len()).map(|at| format!("{}{}", &name[..at], &name[at + 1..]));
            let doubled = (0..name.len()).map(|at| format!("{}{}", &name[..=at], &name[at..]));
            for miss in dropped.chain(doubled) {
                if known.contains(&miss.as_str()) {
                    continue;
                }
                let (server, pointer) = server_with(&member.path, &miss, sample(member));
                let error = read(&server).unwrap_err();
                if member.path == "server_name" {
                    assert_eq!(error.field(), Some("/server/server_name"), "it is missing");
                    continue;
                }
                assert_eq!(error.field(), Some(pointer.as_str()));
                let meant = error.message().split_once("; did you mean ");
                let meant = meant.map_or(Vec::new(), |(_, names)| names.split(" or ").collect());
                assert!(meant.contains(&name), "{miss}: {error}");
            }
        }
    }
}

#[test]
fn a_wrong_form_of_a_network_is_named_where_it_stands() {
    for (network, field, message) in [
        (
            json!({"bridge": "br0", "vlans": 10}),
            "/server/networks/0/vlans",
            "is not a member that is taken here; did you mean vlan",
        ),
        (
            json!({"bridge": 7}),
            "/server/networks/0/bridge",
            "takes a string, not a number",
        ),
        (
            json!({"network": "a", "addresses": ["not one"]}),
            "/server/networks/0/addresses/0",
            "",
        ),
        (
            json!(7),
            "/server/networks/0",
            "takes a network's name or an object, not a number",
        ),
    ] {
        let error = read(&json!({"server_name": "a", "networks": [network]})).unwrap_err();
        assert_eq!(error.field(), Some(field));
        let expected = format!("{field} {message}");
        assert!(error.message().starts_with(&expected), "{error}");
    }
}

#[test]
fn every_member_says_what_it_is_for_and_takes() {
    for member in server_members() {
        assert!(member.about.len() > 5, "{member:?}");
        let is_number = member.kind == "whole number";
        assert_eq!(member.unit.is_some(), is_number, "{member:?}");
        assert!(
            !member.kind.contains('$') && !member.kind.is_empty(),
            "{member:?}"
        );
    }
}

#[test]
fn members_are_found_by_any_of_their_names() {
    let paths = |words: &str| -> Vec<&str> {
        find(words)
            .iter()
            .map(|member| member.path.as_str())
            .collect()
    };
    for words in ["size", "/server/size"] {
        assert_eq!(paths(words), ["size", "boot_volume/size", "disks/size"]);
    }
    for words in ["networks/mac", "/server/networks/0/mac", "nics/mac_address"] {
        assert_eq!(paths(words), ["networks/mac"], "{words}");
    }
    assert!(paths("networks/wlan").is_empty());
}
