//! What cannot be planned.

use serde_json::json;

use super::{GIB, facts, facts_with, planned_on, pool, refused, settings};
use crate::Kind;

#[test]
fn what_does_not_fit_the_host_is_refused_by_its_member() {
    let mut large = facts();
    large.image_size = 5 * GIB + 1;
    let error = refused(large, json!({}));
    assert_eq!(
        (error.kind(), error.field()),
        (Kind::InvalidField, Some("/server/size"))
    );
    assert!(error.message().contains("6 GiB"), "{error}");

    let error = refused(facts_with("logical", 10 * GIB), json!({}));
    assert_eq!(
        (error.kind(), error.field()),
        (Kind::Unsupported, Some("/server/clone"))
    );

    let full = json!({"clone": "full"});
    let both = json!({"clone": "full", "storage_disk": 1});
    for (kind, available, server) in [
        ("dir", GIB, full),
        ("logical", 6 * GIB, both),
        ("dir", 1000, json!({})),
    ] {
        let error = refused(facts_with(kind, available), server.clone());
        assert_eq!(
            (error.kind(), error.field()),
            (Kind::QuotaExceeded, Some("/server/pool"))
        );
        let roomy = facts_with(kind, available + (1 << 20));
        planned_on(settings(json!({})), roomy, server).unwrap();
    }
}

#[test]
fn room_is_looked_for_where_it_is_taken() {
    let spec = json!({"disks": [{"size": 2, "pool": "big"}, {"size": 3, "pool": "big"}]});
    for (kind, available, fits) in [
        ("logical", 5 * GIB - 1, false),
        ("logical", 5 * GIB, true),
        // sparse ones take nothing yet
        ("dir", GIB, true),
        ("rbd", GIB, true),
    ] {
        let mut facts = facts();
        facts.pools.insert("big".into(), pool(kind, available));
        let planned = planned_on(settings(json!({})), facts, spec.clone());
        let field = planned.err().and_then(|error| {
            assert_eq!(error.kind(), Kind::QuotaExceeded);
            error.field().map(ToOwned::to_owned)
        });
        assert_eq!(
            field.as_deref(),
            (!fits).then_some("/server/disks/0/pool"),
            "{kind}"
        );
    }
}

#[test]
fn a_memory_in_another_unit_is_refused_with_what_was_meant() {
    let error_of = |memory: u64| {
        let flavour = json!({"num_cpus": 1, "memory": memory, "vol_capacity": 5});
        let settings = settings(json!({"flavours": {"va-small": flavour}}));
        planned_on(settings, facts(), json!({})).map(|_| ()).err()
    };
    for (memory, message) in [
        (4096, "4096 KiB are 4 MiB; for 4 GiB write 4194304"),
        (1536, "1536 KiB are 1 MiB; for 1536 MiB write 1572864"),
        (512, "512 KiB are less than a MiB; for 512 MiB write 524288"),
        (4, "4 KiB are less than a MiB; for 4 GiB write 4194304"),
        (32_767, "32767 KiB are 31 MiB; for 32767 MiB write 33553408"),
        (0, "at least 32768 of them"),
        (1 << 41, "at least 32768 of them"),
    ] {
        let error = error_of(memory).expect("a refusal");
        assert_eq!(error.field(), Some("/provider/flavours/va-small/memory"));
        assert!(error.message().ends_with(message), "{error}");
    }
    assert!(error_of(32_768).is_none());
}

#[test]
fn a_server_has_no_network_card_only_where_that_is_asked_for() {
    let without = json!({"defaults": {"image": "debian.qcow2", "size": "va-small"}});
    let on = |uri: &str, server: serde_json::Value| {
        let mut provider = without.clone();
        provider["uri"] = json!(uri);
        planned_on(settings(provider), facts(), server)
    };
    let error = on("qemu:///system", json!({})).map(|_| ()).unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (Kind::InvalidField, Some("/server/network"))
    );
    assert!(error.message().contains("networks: []"), "{error}");
    let domain = on("qemu:///session", json!({})).unwrap().domain();
    assert_eq!(domain.at("devices/interface@type"), "user");
    for uri in ["qemu:///system", "qemu:///session"] {
        let planned = on(uri, json!({"networks": []})).unwrap();
        assert!(!planned.xml_in("/guests").contains("<interface"), "{uri}");
    }
    let planned = planned_on(settings(json!({})), facts(), json!({"networks": []})).unwrap();
    assert!(
        planned.plan.interfaces.is_empty(),
        "the default counts only where nothing is said"
    );
}

#[test]
fn what_cannot_be_a_masters_key_is_refused() {
    for member in ["master_finger", "master_key"] {
        let error = refused(facts(), json!({"minion": {member: "not a finger"}}));
        let field = format!("/server/minion/{member}");
        assert_eq!(error.field(), Some(field.as_str()));
        assert_eq!(error.kind(), Kind::InvalidField);
    }
}

#[test]
fn what_xml_cannot_hold_is_refused() {
    for (server, field) in [
        (json!({"role": "a\u{1}"}), "/server/role"),
        (
            json!({"networks": [{"network": "\u{0}"}]}),
            "/server/networks/0/network",
        ),
        (
            json!({"minion": {"pki_dir": "/\u{ffff}"}}),
            "/server/minion/pki_dir",
        ),
    ] {
        assert_eq!(refused(facts(), server).field(), Some(field));
    }
}
