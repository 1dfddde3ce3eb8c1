//! Memory that goes back to the system: the C library keeps what was freed for later, and a session that has listed
//! thousands of servers once would keep the room of that for as long as it lives.
#![allow(unsafe_code)]

/// From what size on the C library takes a piece from the system by itself, in bytes: where it begins.
#[cfg(target_env = "gnu")]
const BY_ITSELF: i32 = 128 << 10;

/// Has the C library return what is free at the end of a thread's room as soon as it is, which [`give_back`] does not
/// reach: it would double its bounds with each large piece that is freed, and put small ones aside unjoined.
pub(crate) fn keep_little() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it takes numbers only, and may be called by any thread at any time.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, BY_ITSELF);
        libc::mallopt(libc::M_MXFAST, 0);
    }
}

/// Gives back what is free.
pub(crate) fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it takes a number only, and may be called by any thread at any time.
    unsafe {
        libc::malloc_trim(0);
    }
}
