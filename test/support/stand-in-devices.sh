# Runs a command where a graphics card seems to be: `sh stand-in-devices.sh SCRATCH COMMAND…` in a mount namespace of its own.
# Each device is that of random numbers, which can be read, written to and controlled; it has a node and a file of its own.
set -e
scratch=$1
shift
mkdir "$scratch/dev"
mount --rbind /dev "$scratch/dev"
mount -t tmpfs -o mode=755 none /dev
for device in null zero full random urandom tty; do
  touch "/dev/$device"
  mount --bind "$scratch/dev/$device" "/dev/$device"
done
mkdir /dev/shm /dev/dri /dev/nvidia-caps
mount --bind "$scratch/dev/shm" /dev/shm
for device in dri/card0 dri/renderD128 kfd nvidia0 nvidiactl nvidia-uvm nvidia-caps/nvidia-cap1 other; do
  mknod -m 666 "/dev/$device" c 1 9
done
mount -t tmpfs none /proc/driver
mkdir /proc/driver/nvidia
echo "a stand-in" >/proc/driver/nvidia/version
exec "$@"
