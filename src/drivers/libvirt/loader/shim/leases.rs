//! The leases of a network's DHCP server, which the crate `virt` does not offer.

use std::ffi::{CStr, CString, c_char};
use std::ptr;

use virt::error::Error;
use virt::network::Network;
use virt_sys::{virNetworkDHCPLeaseFree, virNetworkDHCPLeasePtr, virNetworkGetDHCPLeases};

/// An address that a network's DHCP server gave out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lease {
    /// The interface card's address, such as `52:54:00:12:34:56`.
    pub mac: Option<String>,
    /// The address, IPv4 or IPv6.
    pub address: String,
    /// The length of its network prefix in bits.
    pub prefix: u32,
    /// The name that the guest gave itself.
    pub hostname: Option<String>,
    /// When it runs out, in seconds since 1970.
    pub expires: i64,
}

/// The leases of `network`, or those of one interface card.
pub(crate) fn dhcp_leases(network: &Network, mac: Option<&str>) -> Result<Vec<Lease>, Error> {
    let mac = mac.map(CString::new).transpose()?;
    let mac = mac.as_ref().map_or(ptr::null(), |mac| mac.as_ptr());
    let mut list: *mut virNetworkDHCPLeasePtr = ptr::null_mut();
    // SAFETY: the network outlives the call; libvirt sets `list` to an array of as many entries as
    // it returns, each and the array for the caller to free.
    let count = unsafe { virNetworkGetDHCPLeases(network.as_ptr(), mac, &raw mut list, 0) };
    let Ok(count) = usize::try_from(count) else {
        return Err(Error::last_error());
    };
    let mut leases = Vec::with_capacity(count);
    for index in 0..count {
        // SAFETY: within the array, and read before it is freed.
        unsafe {
            let lease = *list.add(index);
            leases.extend(text((*lease).ipaddr).map(|address| Lease {
                mac: text((*lease).mac),
                address,
                prefix: (*lease).prefix,
                hostname: text((*lease).hostname),
                expires: (*lease).expirytime,
            }));
            virNetworkDHCPLeaseFree(lease);
        }
    }
    // SAFETY: allocated by libvirt with malloc; null is allowed.
    unsafe { libc::free(list.cast()) };
    Ok(leases)
}

/// Copies a string of C, if there is one.
///
/// # Safety
///
/// `text` is null or ends with a zero byte.
pub(super) unsafe fn text(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: as the caller promised.
    let text = unsafe { CStr::from_ptr(text) };
    Some(text.to_string_lossy().into_owned())
}
