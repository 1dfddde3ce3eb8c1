//! libvirt's functions as functions of this program, which find the real ones on first use.
//!
//! The crates `virt` and `virt-sys` link to libvirt.so.0. Linked so, every start of this program
//! would load it and the 56 libraries behind it (about 20 ms), and where it is not installed not
//! even `--version` would run. Defining its symbols here takes the linker's reason to bind to it
//! away: the first call opens it instead.
//!
//! `unsafe` has its place here and nowhere else in this crate: symbols of C, looked up by name,
//! are called with the types that the C headers give them, and the modules below read the
//! memory that libvirt hands out where the crate `virt` leaves that to its callers.
#![allow(unsafe_code)]

pub(super) mod holes;
pub(super) mod leases;
pub(super) mod stats;

use std::cell::RefCell;
use std::ffi::{CString, OsString, c_char, c_int, c_uchar, c_uint, c_ulong, c_ulonglong};
use std::ffi::{c_longlong, c_void};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

use libloading::Library;
#[allow(
    clippy::wildcard_imports,
    reason = "the types of more than 300 signatures"
)]
use virt_sys::*;

use super::soname::{PATH_VARIABLE, SONAME, not_loaded, too_old};
use super::symbols::each_symbol;

/// The library, opened once and never closed, or why it could not be.
pub(super) fn library() -> Result<&'static Library, &'static str> {
    static LIBRARY: OnceLock<Result<Library, String>> = OnceLock::new();
    let opened = LIBRARY.get_or_init(|| {
        let name = std::env::var_os(PATH_VARIABLE)
            .filter(|path| !path.is_empty())
            .unwrap_or_else(|| OsString::from(SONAME));
        // SAFETY: libvirt's initialisers have no requirements, and it stays loaded to the end.
        unsafe { Library::new(&name) }.map_err(|error| not_loaded(&name, &error))
    });
    opened.as_ref().map_err(String::as_str)
}

/// One function of the library, looked up on its first call.
struct Symbol {
    name: &'static str,
    address: AtomicPtr<c_void>,
}

impl Symbol {
    const fn new(name: &'static str) -> Self {
        Self {
            name,
            address: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// Its address, or the reason why there is none.
    fn address(&self) -> Result<*mut c_void, String> {
        let known = self.address.load(Ordering::Acquire);
        if !known.is_null() {
            return Ok(known);
        }
        let library = library()?;
        // SAFETY: only the address is taken; `Function` in `define` gives it its type.
        let address = unsafe { library.get::<*mut c_void>(self.name) }
            .map(|symbol| *symbol)
            .map_err(|_| too_old(self.name))?;
        self.address.store(address, Ordering::Release);
        Ok(address)
    }
}

// Where `unsigned long` is `unsigned int`, virDomainGetMaxMemory (0) and virDomainGetID (the highest
// number) could not be told apart by what they return when they fail.
#[cfg(not(target_pointer_width = "64"))]
compile_error!("libvirt's functions are called as 64-bit systems have them");

/// What libvirt's functions return when they fail.
trait ErrorValue: Sized {
    const FAILED: Self;

    /// Fails because of `reason`, which becomes this thread's last error.
    fn fail(reason: &str) -> Self {
        raise(reason);
        Self::FAILED
    }
}

impl ErrorValue for () {
    const FAILED: Self = ();

    /// Nobody looks whether such a function has failed, so that its error would be taken for that of
    /// the next one that does. These free memory or set a callback: without them, little is lost.
    fn fail(reason: &str) -> Self {
        tracing::debug!("{reason}");
    }
}

impl ErrorValue for c_int {
    const FAILED: Self = -1;
}

impl ErrorValue for c_uint {
    const FAILED: Self = Self::MAX;
}

impl ErrorValue for u64 {
    const FAILED: Self = 0;
}

impl<T> ErrorValue for *mut T {
    const FAILED: Self = ptr::null_mut();
}

impl<T> ErrorValue for *const T {
    const FAILED: Self = ptr::null();
}

/// An error of our own, in the shape in which libvirt hands out its errors.
struct Raised {
    error: virError,
    /// What `error.message` points to.
    _message: CString,
    /// Whether it was handed out; with the library loaded, later errors are the library's.
    read: bool,
}

thread_local! {
    static RAISED: RefCell<Option<Box<Raised>>> = const { RefCell::new(None) };
}

fn raise(reason: &str) {
    let message = CString::new(reason.replace('\0', " ")).unwrap_or_default();
    let error = virError {
        code: VIR_ERR_NO_SUPPORT.cast_signed(),
        domain: VIR_FROM_NONE.cast_signed(),
        message: message.as_ptr().cast_mut(),
        level: VIR_ERR_ERROR,
        conn: ptr::null_mut(),
        dom: ptr::null_mut(),
        str1: ptr::null_mut(),
        str2: ptr::null_mut(),
        str3: ptr::null_mut(),
        int1: 0,
        int2: 0,
        net: ptr::null_mut(),
    };
    RAISED.set(Some(Box::new(Raised {
        error,
        _message: message,
        read: false,
    })));
}

/// As libvirt's: valid until this thread's next failure, null when nothing failed.
#[unsafe(no_mangle)]
unsafe extern "C" fn virGetLastError() -> virErrorPtr {
    static SYMBOL: Symbol = Symbol::new("virGetLastError");
    let loaded = library().is_ok();
    let ours = RAISED.with_borrow_mut(|raised| {
        let raised = raised.as_deref_mut()?;
        if loaded && raised.read {
            return None;
        }
        raised.read = true;
        Some(&raw mut raised.error)
    });
    match ours {
        Some(error) => error,
        None if !loaded => ptr::null_mut(),
        None => SYMBOL.address().map_or(ptr::null_mut(), |address| {
            // SAFETY: the type is that of the declaration in libvirt's virterror.h.
            unsafe {
                std::mem::transmute::<*mut c_void, unsafe extern "C" fn() -> virErrorPtr>(address)()
            }
        }),
    }
}

macro_rules! define {
    ($(fn $name:ident($($arg:ident: $type:ty),*) $(-> $result:ty)?;)*) => {$(
        #[allow(non_snake_case, clippy::too_many_arguments)]
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name($($arg: $type),*) $(-> $result)? {
            type Function = unsafe extern "C" fn($($type),*) $(-> $result)?;
            // refuses to compile where the table and the bindings differ
            const _: Function = virt_sys::$name;
            static SYMBOL: Symbol = Symbol::new(stringify!($name));
            match SYMBOL.address() {
                // SAFETY: the address is the function of that name, whose type was checked above;
                // the caller answers for the arguments.
                Ok(address) => unsafe {
                    std::mem::transmute::<*mut c_void, Function>(address)($($arg),*)
                },
                Err(reason) => ErrorValue::fail(&reason),
            }
        }
    )*};
}

each_symbol!(define);
