//! Finds libqslip: in $QSLIP_LIB_DIR, else by pkg-config (PKG_CONFIG_PATH is honoured).
//! No build dependency, so the crate builds offline and with Debian's rustc.
use std::{env, process::Command};

fn main() {
    println!("cargo:rerun-if-env-changed=QSLIP_LIB_DIR");
    println!("cargo:rerun-if-env-changed=PKG_CONFIG_PATH");
    if let Ok(folder) = env::var("QSLIP_LIB_DIR") {
        search_in(&folder);
        println!("cargo:rustc-link-lib=dylib=qslip");
        return;
    }
    for flag in pkg_config(&["--libs", "qslip"]).split_whitespace() {
        if let Some(folder) = flag.strip_prefix("-L") {
            search_in(folder);
        } else if let Some(name) = flag.strip_prefix("-l") {
            println!("cargo:rustc-link-lib=dylib={name}");
        }
    }
    println!("cargo:include={}", pkg_config(&["--variable=includedir", "qslip"]).trim());
}

/// Programs are linked again when another version of the library comes into the folder.
fn search_in(folder: &str) {
    println!("cargo:rustc-link-search=native={folder}");
    println!("cargo:rerun-if-changed={folder}/libqslip.so");
}

fn pkg_config(arguments: &[&str]) -> String {
    let program = env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".into());
    let output = Command::new(&program).args(arguments).output().unwrap_or_else(|why| {
        panic!("cannot run {program}: {why}; install it, or set QSLIP_LIB_DIR to the folder of libqslip.so")
    });
    if !output.status.success() {
        panic!(
            "{program} does not find qslip: {}; add its folder to PKG_CONFIG_PATH, or set QSLIP_LIB_DIR",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    String::from_utf8(output.stdout).expect("pkg-config prints UTF-8")
}
