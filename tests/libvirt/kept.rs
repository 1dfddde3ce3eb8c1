//! Connections that a session keeps from one request to the next.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::Server;
use crate::common::bed::Bed;
use crate::common::master::Master;
use crate::fault_proxy::{FaultProxy, What, When};
use crate::interruptions::through;

fn list(session: &mut Server, provider: &Value) -> Result<Value, Value> {
    Master::ask(session, "server.list", &json!({"provider": provider}))
}

#[test]
fn a_session_keeps_its_connection_and_replaces_a_dead_one_unseen() {
    let Some(bed) = Bed::own_system() else { return };
    let proxy = FaultProxy::before(bed.env("VA_TCP_PORT"), When::Never, What::Break);
    let provider = through(&bed, &proxy);
    let master = Master::new();
    let mut session = Server::start_in(&master.state());
    list(&mut session, &provider).unwrap();
    // the first looks whether anybody listens
    assert_eq!(proxy.counts().connections, 2);
    for _ in 0..3 {
        list(&mut session, &provider).unwrap();
    }
    Master::ask(
        &mut session,
        "provider.networks",
        &json!({"provider": provider}),
    )
    .unwrap();
    assert_eq!(proxy.counts().connections, 0);

    bed.crash();
    bed.restart();
    list(&mut session, &provider).unwrap();
    assert_eq!(proxy.counts().connections, 2);
    list(&mut session, &provider).unwrap();
    assert_eq!(proxy.counts().connections, 0);

    // another user has a connection of its own, and a program that ends keeps none
    let mut other = provider.clone();
    other["username"] = json!("another");
    list(&mut session, &other).unwrap();
    assert_eq!(proxy.counts().connections, 2);
    master.ok("server.list", &json!({"provider": provider}));
    assert_eq!(proxy.counts().connections, 2);
    drop(session.stdin.take());
    assert_eq!(session.end().0, Some(0));
}

#[test]
fn limits_hold_on_a_connection_that_was_kept() {
    let Some(bed) = Bed::system() else { return };
    let proxy = FaultProxy::before(bed.env("VA_TCP_PORT"), When::Never, What::Break);
    let mut provider = through(bed, &proxy);
    provider["connect_timeout"] = json!(1);
    let master = Master::new();
    let mut session = Server::start_in(&master.state());
    list(&mut session, &provider).unwrap();
    proxy.hold();
    let begun = Instant::now();
    let error = list(&mut session, &provider).unwrap_err();
    assert_eq!(error["data"]["kind"], "connection_failed", "{error}");
    assert!(begun.elapsed() < Duration::from_secs(20));
    proxy.release();
    list(&mut session, &provider).unwrap();
}

#[test]
fn what_a_session_took_to_list_thousands_of_servers_goes_back() {
    let master = Master::new();
    let host = master.path("host.xml");
    let domain = |number| {
        format!(
            "<domain type='test'><name>web{number}</name><memory>1024</memory><os><type>hvm</type></os></domain>"
        )
    };
    let domains: String = (0..5000).map(domain).collect();
    std::fs::write(&host, format!("<node>{domains}</node>")).unwrap();
    let mut session = Server::start_in(&master.state());
    let of = |uri: &str| json!({"driver_name": "libvirt", "provider_name": "many", "uri": uri});
    list(&mut session, &of("test:///default")).unwrap();
    let before = session.memory();
    for _ in 0..3 {
        let listed = list(&mut session, &of(&format!("test://{}", host.display()))).unwrap();
        assert_eq!(listed["servers"].as_array().unwrap().len(), 5000);
    }
    let until = Instant::now() + Duration::from_secs(10);
    while session.memory() > before + 24 * 1024 {
        let now = session.memory();
        assert!(Instant::now() < until, "{before} KiB before, {now} after");
        std::thread::sleep(Duration::from_millis(50));
    }
}
