/** A data set known by name (keras.datasets, torchvision). */
export interface NamedSet {
  title: string;
  classNames: string[];
}

const digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** By the name that keras.datasets gives them. */
export const namedSets: Record<string, NamedSet | undefined> = {
  mnist: { title: 'MNIST', classNames: digits },
  fashion_mnist: {
    title: 'Fashion-MNIST',
    classNames: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
  },
  cifar10: {
    title: 'CIFAR-10',
    classNames: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  },
};

/** Which named set a path plainly belongs to, if its folder says so; EMNIST and KMNIST are none of these. */
export function nameFromPath(file: string): string | null {
  const parts = file.split(/[\\/]/).slice(-4).join('/');
  if (/emnist|kmnist|qmnist/i.test(parts)) return null;
  if (/fashion/i.test(parts)) return 'fashion_mnist';
  return /mnist/i.test(parts) ? 'mnist' : null;
}
