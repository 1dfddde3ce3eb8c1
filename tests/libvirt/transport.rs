//! The roads to a host: TCP and TLS.

use serde_json::{Value, json};

use crate::boot::about;
use crate::common::bed::Bed;
use crate::common::master::Master;

/// The provider of `bed` by host and protocol, as a form has it.
fn by_protocol(bed: &Bed, protocol: &str, host: &str) -> Value {
    let mut provider = bed.provider();
    provider.as_object_mut().unwrap().remove("uri");
    provider["host_protocol"] = json!(protocol);
    provider["host_ip"] = json!(host);
    provider
}

fn by_tls(bed: &Bed, pkipath: &std::path::Path) -> Value {
    let mut provider = by_protocol(bed, "qemu+tls", bed.env("VA_HOST_TLS"));
    provider["pkipath"] = json!(pkipath);
    provider
}

fn create_and_delete(bed: &Bed, provider: &Value, server: &str) {
    let master = Master::new();
    let spec = json!({"server_name": server, "minion": master.minion(), "clone": "full"});
    let request = json!({"provider": provider, "server": spec, "wait": "defined"});
    assert_eq!(master.ok("server.create", &request)["created"], true);
    let state = bed.state(server);
    assert_eq!(state, "shut off");
    master.ok(
        "server.delete",
        &json!({"provider": provider, "server_name": server}),
    );
    assert_eq!(bed.leftovers(server), [""; 0]);
    assert_eq!(master.leftovers(), [""; 0]);
}

#[test]
fn servers_are_created_over_tcp() {
    let Some(bed) = Bed::system() else { return };
    let provider = by_protocol(bed, "qemu+tcp", bed.env("VA_HOST_TCP"));
    create_and_delete(bed, &provider, "by-tcp");
}

#[test]
fn servers_are_created_over_tls() {
    let Some(bed) = Bed::system() else { return };
    let provider = by_tls(bed, &bed.path("tls/client/va-driver"));
    create_and_delete(bed, &provider, "by-tls");
    // An image as well.
    let master = Master::new();
    let source = master.path("by-tls.raw");
    std::fs::write(&source, vec![7; 3_000_000]).unwrap();
    let import = json!({"provider": provider, "image": {"source": source}});
    assert_eq!(master.ok("image.import", &import)["imported"], true);
    let stored = bed.pool().join("by-tls.raw");
    assert_eq!(std::fs::read(&stored).unwrap(), vec![7; 3_000_000]);
    bed.virsh(&["vol-delete", "--pool", "default", "by-tls.raw"]);
}

#[test]
fn a_host_is_not_trusted_for_another_authority() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let other = master.path("other");
    master.ok(
        "tls.init",
        &json!({"directory": other, "hosts": [], "clients": ["us"]}),
    );
    let provider = by_tls(bed, &other.join("client/us"));
    let error = master.fails(
        "auth_failed",
        "provider.status",
        &json!({"provider": provider}),
    );
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("certificate"), "{message}");

    // The right authority with a certificate of another's: the host refuses it.
    let mixed = master.path("mixed");
    std::fs::create_dir(&mixed).unwrap();
    let right = bed.path("tls/client/va-driver");
    std::fs::copy(right.join("cacert.pem"), mixed.join("cacert.pem")).unwrap();
    for name in ["clientcert.pem", "clientkey.pem"] {
        std::fs::copy(other.join("client/us").join(name), mixed.join(name)).unwrap();
    }
    let request = json!({"provider": by_tls(bed, &mixed)});
    let error = master.call("provider.status", &request).unwrap_err();
    let kind = error["data"]["kind"].as_str().unwrap();
    assert!(
        ["auth_failed", "connection_failed"].contains(&kind),
        "{error}"
    );

    // No certificates at all.
    let request = json!({"provider": by_tls(bed, &master.path("nowhere"))});
    let error = master.call("provider.status", &request).unwrap_err();
    assert!(
        error["message"].as_str().unwrap().contains("nowhere"),
        "{error}"
    );
}

#[test]
fn a_host_that_is_not_there_is_named() {
    let master = Master::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let provider = json!({"driver_name": "libvirt", "provider_name": "p", "host_protocol": "qemu+tcp", "host_ip": address});
    let error = master.fails(
        "connection_failed",
        "provider.status",
        &json!({"provider": provider}),
    );
    assert_eq!(error["data"]["retryable"], true);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("refuses connections"),
        "{error}"
    );
    let provider = json!({"driver_name": "libvirt", "provider_name": "p", "uri": "qemu+unix:///system?socket=/nonexistent/sock"});
    let error = master.fails(
        "connection_failed",
        "server.list",
        &json!({"provider": provider}),
    );
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("/nonexistent/sock"),
        "{error}"
    );
}

#[test]
fn nothing_is_deleted_on_a_host_that_has_nothing() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let deleted = master.ok("server.delete", &about(bed, "never-was"));
    assert_eq!(
        (&deleted["success"], &deleted["deleted"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(deleted["removed"], json!([]));
}
