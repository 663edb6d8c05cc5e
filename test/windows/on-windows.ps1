# Tries on Windows itself what CI tries in Wine, by the same scripts and with the same plugins: they find this project as
# Z:\dlrpc and what furnish.ts has made as Z:\work, on a volume of their own, to which only this user may write.
#
# Usage: on-windows.ps1 -Furnished DIRECTORY -Program FILE [-Worker FILE], as an administrator
param(
    [Parameter(Mandatory)] [string] $Furnished,
    # The one file.
    [Parameter(Mandatory)] [string] $Program,
    # In the place of the one that mingw-w64 has made.
    [string] $Worker
)
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

$disk = Join-Path $env:TEMP 'dlrpc-tests.vhdx'
@"
create vdisk file="$disk" maximum=8192 type=expandable
select vdisk file="$disk"
attach vdisk
create partition primary
format fs=ntfs quick
assign letter=Z
"@ | diskpart
icacls Z:\ /inheritance:r /grant:r "${env:USERNAME}:(OI)(CI)F" 'SYSTEM:(OI)(CI)F'

Copy-Item -Recurse $Furnished Z:\work
$project = Split-Path (Split-Path $PSScriptRoot)
New-Item -ItemType Directory Z:\dlrpc | Out-Null
foreach ($part in 'package.json', 'protocol', 'src', 'test') { Copy-Item -Recurse (Join-Path $project $part) Z:\dlrpc }
$packedHome = Get-ChildItem Z:\work -Directory -Filter 'with spaces*'
Copy-Item $Program (Join-Path $packedHome.FullName 'dlrpc.exe')
if ($Worker) { Copy-Item -Force $Worker Z:\work\worker.exe }

Set-Location Z:\work
$options = '--conditions=portable', '--import=file:///Z:/dlrpc/test/windows/inside/hooks.ts', '--test-timeout=120000'
foreach ($script in 'all', 'hostile', 'packed') { .\node.exe @options "Z:\dlrpc\test\windows\inside\$script.ts" }
