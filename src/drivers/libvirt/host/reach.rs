//! Whether anything answers at a host's port, found out before libvirt tries.
//!
//! libvirt waits as long as the kernel does, two minutes and more, and says little.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use crate::{Error, Kind, Result};

/// Connects to one of the host's addresses and hangs up; tries each in turn within `limit`.
pub(super) fn reach(host: &str, port: u16, limit: Duration) -> Result<()> {
    let deadline = Instant::now() + limit;
    let addresses = (host, port).to_socket_addrs().map_err(|error| {
        failed(format!(
            "the name {host} cannot be resolved: check its spelling and this machine's DNS"
        ))
        .with_source(error)
    })?;
    let mut last = None;
    for address in addresses {
        let left = deadline.saturating_duration_since(Instant::now());
        // zero is not allowed, and every address deserves a try
        match TcpStream::connect_timeout(&address, left.max(Duration::from_millis(50))) {
            Ok(_) => return Ok(()),
            Err(error) => last = Some(error),
        }
    }
    Err(match last {
        Some(error) => failed(explain(host, port, limit, &error)).with_source(error),
        None => failed(format!("the name {host} has no address")),
    })
}

fn explain(host: &str, port: u16, limit: Duration, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => format!(
            "{host} refuses connections on port {port}: start the daemon that listens there \
             (libvirtd-tls.socket, libvirtd-tcp.socket) or correct the port"
        ),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => format!(
            "{host} did not answer on port {port} within {} s: check that it is up and no firewall stands between",
            limit.as_secs_f32()
        ),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            format!("there is no route to {host}: check the address and the network")
        }
        _ => format!("{host} cannot be reached on port {port}: {error}"),
    }
}

fn failed(message: String) -> Error {
    Error::new(Kind::ConnectionFailed, message)
}
