//! One account of the first version, `anna@example.org`, in hexadecimal digits: made once, never made anew.

/// Octets of such digits.
pub fn octets<const N: usize>(digits: &str) -> [u8; N] {
    assert_eq!(digits.len(), 2 * N);
    std::array::from_fn(|index| u8::from_str_radix(&digits[2 * index..2 * index + 2], 16).unwrap())
}

/// The server's secret.
pub const SECRET: &str = "\
    36f00e57d42f871e3987e832d90f56c6940b5937688edf03c4fd3908aec402bea3942b06a601b78d94e37672e349eb2d\
    a2dd4fd0716819e07fc66190b2c16d8b96d22c254ae1f444e13c6d7fc6dec2cae2d1917af2948109f2746128c40f6d01\
    f828faba47f148914bbcea9b82efa331284fdfaed9d275c1dde54a03b494b506";

/// A registration's first message.
pub const REQUEST: &str = "\
    f4ff11a1148521c2e9cd205d296fd2a1731a4375ccfecd75a7ba92c81b8e504f";

/// The answer to it.
pub const RESPONSE: &str = "\
    fe479bc27a66c118a8098dd26459f5ea2543774d61c8e9b8aafeab8d51d09b6c32882cee86f8597f5dc361291610eba6\
    b051a02003e7f0d72710bc5e42884110";

/// What it ended with.
pub const RECORD: &str = "\
    d240c2456d35c6b113b9458980ab32efaaefeaeb9878607100bd07df39fa182acb061376b98130cfbff3cac89a1225c7\
    44b66fcf050f766e928ebf9df95b05954b63fc94dca0e3e3efd74d2eb41fba4c3a205d2084857d0d15c30a6ab67931b5\
    de133d7be558a289c47ad226d96250b0a903973ef94ffaac758e25d0bb1a228239f17fb751082377396bdae08629a47a\
    22c68816c38d420e0ee6123f43f416f6666506a18e286753d42b557f23b7b9e5bd2256d59de57e8bd50f914aaabbb87a";

/// The client's key.
pub const EXPORT_KEY: &str = "\
    79ee3f803177da1b4edf5a3d1ed847231272135dc7b84673a0d898b1a16afac98e9f8b002c73b15cc3153ebffd9d0d59\
    0f1773cb813ee3464a4d0c3f65807333";

/// A login's first message.
pub const KE1: &str = "\
    761c60fda65220a3dc149e66d8a077d601125dd7366d992d3c8ac65ec73774388bb0d8f2d72cbbd0bd54ca7b11319805\
    f193c4c5a02700a55d03f5f84f88e14e763aca84483a76b3767e03f325026dae7f64c2f22e9e1e966b7505ec3577da5e";

/// The answer to it.
pub const KE2: &str = "\
    5e1dc83c0fa29e3e4309d77142de769163245b574c9481b99f4a3d8abbe45175fd54ea4fc93be38253e3a2405e8335be\
    58c8a62d848df03445cb0356f69861155598aeb22940857fbd7ace33a2880b3943398e03974f620c03820ee87ca7deae\
    3315913befa7a53f8003ddaa0247526a14c7d03ceb7d97d18bbf5e91f4edc2db6e057cf8855ca24381a849ffdef9c821\
    088cc0a7706ea1382cd07a02fa3cfe53e2116e94881cabd5de4e0cd509aa540901013881fecdca32bc570d093f87b2bc\
    07e0c8b9595d00ffda40195da78b777bd09bd2c188a3a8d46d9be3586cd1b479846473c32fd7542e9e16b58ded6458c1\
    f554c67dd969121ed4cefd68c8f0f0479d1e62f4dcb0aaf9eaccd4aa6146bb4c77bb094560e8e44b4e4a595bd8e3a662\
    a876a19d5df6e34f53ddb6a070d891d9262cdef87a558823e1f6b371fe2442b9";

/// Its last message.
pub const KE3: &str = "\
    70a26c6fc520b4f41ec3fc859695f198594ce4f9f58b6cd9dd32c512ee9ed86fbd38515fefbd17bccbb12d0f64c8d1c9\
    fc91720b8e3151f7688ea94746e6ede9";

/// What the server remembered meanwhile.
pub const STATE: &str = "\
    a645908288867c22005db51e37db8845c2e4f01623a264af80d91de9a8cc74f0c96b62fcd8d9498198cd7c371002fac1\
    cd1b9abf2f1dc8da1b4509d86bf1efe7";
