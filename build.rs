//! Keeps our definitions of libvirt's functions to ourselves.
//!
//! The linker would export them from the executable, because libvirt.so, which it sees on its
//! command line without binding to it, has the same names. The libvirt opened at run time would then
//! call ours where it means its own.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let elf = env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "unix")
        && env::var("CARGO_CFG_TARGET_VENDOR").is_ok_and(|vendor| vendor != "apple");
    if !elf {
        return;
    }
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let script = PathBuf::from(out).join("hide-libvirt.map");
    fs::write(&script, "{ local: vir*; };\n").expect("OUT_DIR can be written");
    println!(
        "cargo:rustc-link-arg=-Wl,--version-script={}",
        script.display()
    );
}
