//! What cannot be planned.

use serde_json::json;

use super::{GIB, facts, planned_on, refused, settings};
use crate::Kind;
use crate::drivers::libvirt::plan::Facts;

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

    let mut block = facts();
    block.pool_holds_files = false;
    let error = refused(block.clone(), json!({}));
    assert_eq!(
        (error.kind(), error.field()),
        (Kind::Unsupported, Some("/server/clone"))
    );

    for (facts, available, server) in [
        (facts(), GIB, json!({"clone": "full"})),
        (block, 6 * GIB, json!({"clone": "full", "storage_disk": 1})),
        (facts(), 1000, json!({})),
    ] {
        let full = Facts {
            pool_available: available,
            ..facts
        };
        let error = refused(full.clone(), server.clone());
        assert_eq!(
            (error.kind(), error.field()),
            (Kind::QuotaExceeded, Some("/server/pool"))
        );
        let roomy = Facts {
            pool_available: available + (1 << 20),
            ..full
        };
        planned_on(settings(json!({})), roomy, server).unwrap();
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
