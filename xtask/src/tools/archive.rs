//! A published archive: fetched, held against its sum, and one file of it put in its place.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::apt;
use crate::command::{command, find, run};

/// Seconds until a host that does not answer counts as out of reach.
const PATIENCE: &str = "5";
/// The most seconds of a transfer: after that, compiling is no slower.
const MOST: &str = "180";

/// Where an archive lies, what it must be, and which of its files is wanted.
pub(super) struct Archive {
    url: String,
    sha256: String,
    member: String,
}

impl Archive {
    /// From its table in `data/tools.toml`.
    ///
    /// # Errors
    /// When a field is missing, or the sum is not one.
    pub(super) fn read(table: &toml::Value) -> Result<Self> {
        let text = |key: &str| -> Result<String> {
            let text = table.get(key).and_then(toml::Value::as_str);
            Ok(text
                .with_context(|| format!("an archive has no `{key}`"))?
                .to_owned())
        };
        let archive = Self {
            url: text("url")?,
            sha256: text("sha256")?,
            member: text("member")?,
        };
        let is_sum = hex::decode(&archive.sha256).is_ok_and(|sum| sum.len() == 32);
        ensure!(is_sum, "{} has no SHA-256 in hexadecimal", archive.url);
        Ok(archive)
    }

    /// Where it lies.
    #[cfg(test)]
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Fetches it and puts its file at `place` once `check` accepts it there beside: whole or not at
    /// all.
    ///
    /// # Errors
    /// When it cannot be fetched, is not what was published, or is refused by `check`.
    pub(super) fn unpack(
        &self,
        place: &Path,
        check: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<()> {
        if find("curl").is_none() {
            apt::ensure(&["curl", "ca-certificates"], "curl, which fetches programs")?;
        }
        let folder = place.parent().context("a file has a folder")?;
        fs::create_dir_all(folder)?;
        let work = tempfile::tempdir_in(folder)?;
        let packed = work.path().join("archive");
        run(command("curl")?
            .args(["--fail", "--location", "--retry", "2", "--progress-bar"])
            .args(["--connect-timeout", PATIENCE, "--max-time", MOST])
            .arg("--output")
            .arg(&packed)
            .arg(&self.url))?;
        self.take_from(&packed, place, work.path(), check)
    }

    fn take_from(
        &self,
        packed: &Path,
        place: &Path,
        work: &Path,
        check: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<()> {
        let got = hex::encode(Sha256::digest(fs::read(packed)?));
        ensure!(
            got == self.sha256,
            "{} has the SHA-256 {got}, expected {}",
            self.url,
            self.sha256
        );
        run(command("tar")?
            .arg("-xzf")
            .arg(packed)
            .arg("-C")
            .arg(work)
            .arg(&self.member))?;
        let file = work.join(&self.member);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?;
        check(&file)?;
        fs::rename(&file, place).with_context(|| place.display().to_string())
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    /// An archive with one file, and what is known of it.
    fn packed(folder: &Path) -> Archive {
        fs::create_dir_all(folder.join("package/bin")).unwrap();
        fs::write(folder.join("package/bin/tool"), "#!/bin/sh\n").unwrap();
        let mut tar = command("tar").unwrap();
        tar.arg("-czf").arg(folder.join("archive")).arg("-C");
        run(tar.arg(folder).arg("package")).unwrap();
        let bytes = fs::read(folder.join("archive")).unwrap();
        Archive {
            url: "https://example.org/tool.tgz".to_owned(),
            sha256: hex::encode(Sha256::digest(bytes)),
            member: "package/bin/tool".to_owned(),
        }
    }

    #[test]
    fn only_the_published_file_arrives_and_only_whole() {
        let folder = tempfile::tempdir().unwrap();
        let archive = packed(folder.path());
        let (from, place) = (folder.path().join("archive"), folder.path().join("tool"));
        let take = |archive: &Archive, fits: bool| {
            let work = tempfile::tempdir_in(folder.path()).unwrap();
            archive.take_from(&from, &place, work.path(), |_| match fits {
                true => Ok(()),
                false => bail!("does not run"),
            })
        };
        let other = Archive {
            url: archive.url.clone(),
            sha256: "0".repeat(64),
            member: archive.member.clone(),
        };
        let refused = format!("{:#}", take(&other, true).unwrap_err());
        assert!(refused.contains("SHA-256"), "{refused}");
        assert!(take(&archive, false).is_err());
        assert!(!place.exists());
        take(&archive, true).unwrap();
        let mode = fs::metadata(&place).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0o111);
    }
}
