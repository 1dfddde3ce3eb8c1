//! How often a cloud is asked, and how often one question waits for the answer to another: what a creation
//! and a deletion cost where the cloud is far away.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::json;

use crate::common::master::Master;
use crate::common::openstack::OpenStack;
use crate::failures::full;
use crate::fault_proxy::{FaultProxy, Passed};

/// How far away the cloud is.
const FAR: Duration = Duration::from_millis(100);

/// The most of `all` of which each began when the one before had ended.
fn in_a_row(all: &[Passed]) -> usize {
    let mut all = all.to_vec();
    all.sort_by_key(|one| one.to);
    let mut last = None;
    let mut count = 0;
    for one in all {
        if last.is_none_or(|end| one.from >= end) {
            last = Some(one.to);
            count += 1;
        }
    }
    count
}

/// `all` but for looks at what is on its way: a server or a volume, by its id.
fn without_waits(all: &[Passed]) -> Vec<Passed> {
    let is_look = |one: &&Passed| {
        let path = one.what.split('/').rev();
        let of = path.clone().nth(1).unwrap();
        one.what.starts_with("GET")
            && matches!(of, "servers" | "volumes")
            && !one.what.contains("detail")
    };
    all.iter().filter(|one| !is_look(one)).cloned().collect()
}

/// What is asked for more than once.
fn twice(all: &[Passed]) -> HashMap<&str, usize> {
    let mut counts = HashMap::new();
    for one in all {
        *counts.entry(one.what.as_str()).or_default() += 1;
    }
    counts.retain(|_, count| *count > 1);
    counts
}

#[test]
fn a_cloud_is_asked_side_by_side_and_nothing_is_asked_twice() {
    let bed = OpenStack::shared();
    let master = Master::new();
    let proxy = FaultProxy::far(bed, FAR);
    let plain = json!({"server_name": "far"});
    // the sizes take three pages here
    for (name, spec, rounds_made, rounds_gone) in [
        ("far", plain, 8, 5),
        ("far-full", full("far-full", &master), 11, 11),
    ] {
        for (method, params, rounds, again) in [
            ("server.create", json!({"server": spec}), rounds_made, 3),
            (
                "server.delete",
                json!({"server_name": name}),
                rounds_gone,
                2,
            ),
        ] {
            let mut params = params;
            params["provider"] = proxy.provider(bed);
            master.ok(method, &params);
            let all = without_waits(&proxy.passed());
            assert!(in_a_row(&all) <= rounds, "{name}: {all:#?}");
            // who has the name, before and after; a part, before its server goes and before it goes itself
            let most = twice(&all).into_values().max().unwrap_or_default();
            assert!(most <= again, "{name}: {:#?}", twice(&all));
        }
    }
}

#[test]
fn whoever_does_not_wait_waits_for_no_rival() {
    let bed = OpenStack::shared();
    let master = Master::new();
    let proxy = FaultProxy::far(bed, Duration::ZERO);
    let spec = json!({"server_name": "at-once"});
    let params = json!({"provider": proxy.provider(bed), "server": spec, "timeout": 0});
    master.ok("server.create", &params);
    let passed = proxy.passed();
    let made = passed
        .iter()
        .position(|one| one.what == "POST /compute/v2.1/servers");
    let after: Vec<_> = passed[made.unwrap() + 1..]
        .iter()
        .map(|one| one.what.as_str())
        .collect();
    assert_eq!(
        after,
        ["GET /compute/v2.1/servers/detail?name=%5Eat-once%24"]
    );
    let params = json!({"provider": bed.provider(), "server_name": "at-once"});
    master.ok("server.delete", &params);
}
