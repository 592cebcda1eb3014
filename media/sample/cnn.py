"""Cats or dogs: the network with which many a course begins.

The first layer has 32 kernels ("feature detectors") of 3 x 3 weights for each
of the three colours. Hover over its line to see what they look like before
any training, and train it to see what becomes of them.

The photos are not part of this sample. Put them into
dataset/training_set/cats, dataset/training_set/dogs and the same below
dataset/test_set, or choose the embedded shapes when you are asked.
"""

from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Conv2D, Dense, Flatten, MaxPooling2D
from tensorflow.keras.preprocessing.image import ImageDataGenerator

classifier = Sequential()

# Step 1: convolution
classifier.add(Conv2D(32, (3, 3), input_shape=(64, 64, 3), activation='relu'))

# Step 2: pooling
classifier.add(MaxPooling2D(pool_size=(2, 2)))

# A second convolution sees patterns made of the first one's
classifier.add(Conv2D(32, (3, 3), activation='relu'))
classifier.add(MaxPooling2D(pool_size=(2, 2)))

# Step 3: flattening
classifier.add(Flatten())

# Step 4: full connection
classifier.add(Dense(units=128, activation='relu'))
classifier.add(Dense(units=1, activation='sigmoid'))

classifier.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])

# Every epoch sees the photos slightly sheared, zoomed and mirrored
train_datagen = ImageDataGenerator(rescale=1. / 255, shear_range=0.2, zoom_range=0.2, horizontal_flip=True)
test_datagen = ImageDataGenerator(rescale=1. / 255)

training_set = train_datagen.flow_from_directory(
    'dataset/training_set', target_size=(64, 64), batch_size=32, class_mode='binary')
test_set = test_datagen.flow_from_directory(
    'dataset/test_set', target_size=(64, 64), batch_size=32, class_mode='binary')

classifier.fit(training_set, epochs=10, validation_data=test_set)
