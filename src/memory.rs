//! Memory that goes back to the system: the C library keeps what was freed for later, and a session that has listed
//! thousands of servers once would keep the room of that for as long as it lives.
#![allow(unsafe_code)]

/// Gives back what is free.
pub(crate) fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it takes a number only, and may be called by any thread at any time.
    unsafe {
        libc::malloc_trim(0);
    }
}
